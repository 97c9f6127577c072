export { otherChallenge, type Person, person, SIGN, WEB } from './people';
export { agent, grant, request, target } from './things';
export { webEnvOf } from './env';
