export {
  AgentEdit,
  editAgent,
  mayManageAgent,
  moveAgent,
  NewAgent,
  registerAgent,
  rotateToken,
} from './agents';
export {
  type ChainRow,
  chainHash,
  extend,
  type Pin,
  replay,
  sealGenesis,
} from './authority';
export { invite, NewInvitation, withdrawInvitation } from './invitations';
export { type OidcClaims, signInWithOidc } from './oidc';
export {
  type Authority,
  restKey,
  type SignedHuman,
  type SignedKey,
  type SignedRest,
  type SignedTarget,
} from './roster';
export { refuseChange } from './rules';
export { endSession, openSession, openSessionsOf, type SignedIn } from './sessions';
export { signInChallenge, signInWithKey } from './sign-in';
export { jwkThumbprint } from './thumbprint';
export { issueTicket, mayAskFor, TicketAsk } from './tickets';
