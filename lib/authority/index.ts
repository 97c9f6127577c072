export {
  type Authority,
  classOf,
  fitsProduction,
  mayOwnAgents,
  restKey,
  type SignedHuman,
  type SignedKey,
  type SignedRest,
  type SignedTarget,
  withoutKeys,
} from './authority';
export { isLastOwnersKey } from './last-key';
export { type ChainRow, chainHash, extend, type Pin, replay, sealGenesis } from './replay';
export { changeRefusal } from './rules';
