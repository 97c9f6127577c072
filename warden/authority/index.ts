export { type AuthorityCache, createAuthorityCache } from './cache';
export { checkProjection } from './check';
export { appendEntry, appendGenesis } from './entry';
export { retireKey } from './retire';
