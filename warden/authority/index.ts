export { agentCounts, countingAgent, isDeleted, isOff, noteOff } from './agents';
export { type AuthorityCache, createAuthorityCache } from './cache';
export { checkProjection } from './check';
export { appendEntry, appendGenesis } from './entry';
export { appendRenewal } from './renewal';
