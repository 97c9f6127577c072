export { AgentActions } from './agent-actions';
export { AgentFacts } from './agent-facts';
export { AgentList, AgentState } from './agent-list';
export { NewAgent } from './new-agent';
export { RestAccess } from './rest-access';
