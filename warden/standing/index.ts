export { wantsNonce } from './know';
export type { Seen } from './record';
export { createStanding } from './standing';
export type { Caller, Calling, Standing, StandingAgent, StandingGrant, StandingParts } from './types';
