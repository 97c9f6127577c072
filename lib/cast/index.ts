export { webEnvOf } from './env';
export { otherChallenge, type Person, person, SIGN, WEB } from './people';
export { type Ceremony, type SoftKey, softKey } from './soft-key';
export { agent, grant, request, target } from './things';
