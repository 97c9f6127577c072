export { otherChallenge, type Person, person, SIGN, WEB } from './people';
export { type Ceremony, softKey, type SoftKey } from './soft-key';
export { agent, grant, request, target } from './things';
export { webEnvOf } from './env';
