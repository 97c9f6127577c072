export { wantsNonce } from './know';
export { createStanding } from './standing';
export type { Caller, Calling, Standing, StandingAgent, StandingGrant, StandingParts } from './types';
