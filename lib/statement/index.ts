export { challengeOf, openRenewal, openStatement, renewalNonce, sealRenewal, sealStatement } from './bytes';
export {
  type AgentSecrets,
  type ApproveStatement,
  type ChainStatement,
  Genesis,
  KeyFacts,
  type NewAgentFacts,
  Preview,
  Renewal,
  type RequestFacts,
  type Statement,
} from './kinds';
export { Registration, registrationOptions, verifyRegistration } from './registration';
export { Assertion, countedBack, type RelyingParty, verifyAssertion } from './webauthn';
