export {
  changeAgent,
  deleteAgent,
  disableAgent,
  enableAgent,
  newAgent,
  newAgentToken,
  type TokenShown,
} from './agents';
export { FreezeReason, freezeAll } from './freeze';
export { revokeGrant } from './grants';
export { lastEvent, liveEvents } from './live';
export { endOwnSession, invitePerson, ticketFor, withdrawPerson } from './people';
export { type AgentPage, readAgent, readAgents } from './read-agents';
export { type GrantsPage, readGrants } from './read-grants';
export { type FilterChoices, readFilterChoices, readHistory } from './read-history';
export {
  type PeoplePage,
  readPeople,
  readSettings,
  type SettingsPage,
  type SignInChoices,
  signInChoices,
} from './read-people';
export { type RequestPage, readInbox, readRequest } from './read-requests';
export { readStatus } from './read-status';
export { readTargets } from './read-targets';
export { askAgain, Denial, denyRequest } from './requests';
export { provideWeb, type Web, web } from './web';
