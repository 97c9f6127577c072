export { reachable } from './reachable';
export { type Owner, startedByRoot, systemUser } from './users';
