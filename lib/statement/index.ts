export { challengeOf, openStatement, sealStatement } from './bytes';
export { openEntry, openRenewal, renewalNonce, sealRenewal } from './entries';
export {
  type AgentSecrets,
  type ApproveStatement,
  type ChainStatement,
  type Entry,
  Genesis,
  KeyFacts,
  type NewAgentFacts,
  Preview,
  Renewal,
  type RequestFacts,
  type Retirement,
  type Statement,
  WardenEntry,
} from './kinds';
export { Registration, registrationOptions, verifyRegistration } from './registration';
export { Assertion, countedBack, type RelyingParty, verifyAssertion } from './webauthn';
