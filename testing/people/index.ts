export { webEnvOf } from './env';
export { otherChallenge, type Person, person, SIGN, WEB } from './people';
export { envelope, type Signer, signer } from './signer';
export { agent, grant, request, target } from './things';
