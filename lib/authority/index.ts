export { mayOwnAgents, renewalRefusal } from './agent-rules';
export type { Authority, SignedAgent, SignedHuman, SignedKey, SignedRest, SignedTarget } from './authority';
export { classOf, fitsProduction, withoutKeys } from './keys';
export { isLastOwnersKey } from './last-key';
export { type ChainRow, chainHash, extend, type Pin, replay, sealGenesis } from './replay';
export { changeRefusal, restKey } from './rules';
