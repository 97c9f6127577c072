export {
  type Authority,
  type ChainRow,
  chainHash,
  extend,
  type Pin,
  replay,
  restKey,
  sealGenesis,
  type SignedHuman,
  type SignedKey,
  type SignedRest,
  type SignedTarget,
} from './authority';
export { refuseChange } from './rules';
