export { agentCounts, agentRows, countingAgent, isDeleted, isOff, noteOff } from './agents';
export { type AuthorityCache, createAuthorityCache } from './cache';
