export { mayOwnAgents, renewalRefusal } from './agent-rules';
export type { Authority, SignedAgent, SignedHuman, SignedKey, SignedRest, SignedTarget } from './authority';
export { classOf, fitsProduction, retirementRefusal, signerOf } from './keys';
export { type ChainRow, chainHash, extend, type Pin, replay, sealGenesis, type Verifier } from './replay';
export { changeRefusal, restKey } from './rules';
