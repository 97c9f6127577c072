export { checkProjection } from './check';
export { compareProjection, type Projection } from './compare';
export { appendEntry, appendGenesis, type SignedChange } from './entry';
