export {
  type Authority,
  type ChainRow,
  chainHash,
  extend,
  type Pin,
  replay,
  sealGenesis,
  type SignedHuman,
  type SignedKey,
  type SignedRest,
  type SignedTarget,
} from './authority';
export { restKey } from './rest-key';
export { refuseChange } from './rules';
export { jwkThumbprint } from './thumbprint';
export {
  AgentEdit,
  editAgent,
  mayManageAgent,
  moveAgent,
  NewAgent,
  PublicJwk,
  registerAgent,
  rotateToken,
} from './agents';
export { invite, NewInvitation, withdrawInvitation } from './invitations';
export { type OidcClaims, signInWithOidc } from './oidc';
export { endSession, openSession, openSessionsOf, type SignedIn } from './sessions';
export { signInChallenge, signInWithKey } from './sign-in';
export { issueTicket, mayAskFor, TicketAsk } from './tickets';
