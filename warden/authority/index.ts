export { checkProjection } from './check';
export { appendEntry, appendGenesis } from './entry';
export { type AuthorityKeeper, createAuthorityKeeper } from './keeper';
