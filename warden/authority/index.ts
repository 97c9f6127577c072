export { type AuthorityKeeper, createAuthorityKeeper } from './keeper';
