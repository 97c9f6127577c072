export { type AgentFacts, describeAgent, sameAgent } from './agent-facts';
export { AgentEdit, changeAgentState, editAgent, mayManageAgent, NewAgent, registerAgent, rotateToken } from './agents';
export { authenticateAgent, type CallingAgent } from './authenticate';
export { invite, NewInvitation, withdrawInvitation } from './invitations';
export { signInWithOidc } from './oidc';
export { endSession, openSession, openSessionsOf } from './sessions';
export { signInChallenge, signInWithKey } from './sign-in';
export { issueTicket, mayAskFor, TicketAsk } from './tickets';
