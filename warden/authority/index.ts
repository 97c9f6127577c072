export { agentCounts, agentRows, countingAgent, isDeleted, isOff, markOff, noteOff } from './agents';
export { type AuthorityCache, createAuthorityCache } from './cache';
