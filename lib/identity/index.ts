export { type AgentFacts, isAgent, sameAgent } from './agent-facts';
export { AgentNote, describeAnew, mayManageAgent, NewAgentFields, turnAgentOff } from './agents';
export { authenticateAgent, type CallingAgent } from './authenticate';
export { describeAgent } from './describe-agent';
export { invite, NewInvitation, withdrawInvitation } from './invitations';
export { signInWithOidc } from './oidc';
export { endSession, openSession, openSessionsOf } from './sessions';
export { signInChallenge, signInWithKey } from './sign-in';
export { type AgentTicket, issueTicket, mayAskFor, TicketAsk } from './tickets';
