export { checkProjection } from './check';
export { appendEntry, appendGenesis, type SignedChange } from './entry';
