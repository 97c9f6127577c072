export {
  admitted,
  type Body,
  begun,
  besides,
  type Cast,
  cast,
  retiredRow,
  rowOf,
  statementOf,
  VERIFIER,
} from './chain';
export { chainFrom, type GrownChain } from './grown';
