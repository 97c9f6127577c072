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
} from './authority';
export { type ChainRow, chainHash, extend, type Pin, replay, sealGenesis } from './replay';
export { changeRefusal } from './rules';
