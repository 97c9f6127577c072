export { challengeOf, openStatement, sealStatement, shortCode } from './bytes';
export {
  type ApproveStatement,
  ChainStatement,
  Genesis,
  KeyFacts,
  Preview,
  RequestFacts,
  Statement,
  type StatementKind,
} from './kinds';
export {
  Assertion,
  type Authenticator,
  type RegisteredKey,
  Registration,
  type RelyingParty,
  registrationOptions,
  verifyAssertion,
  verifyRegistration,
} from './webauthn';
