export { challengeOf, openStatement, sealStatement, shortCode } from './bytes';
export {
  type ApproveStatement,
  type ChainStatement,
  Genesis,
  KeyFacts,
  Preview,
  type RequestFacts,
  type Statement,
} from './kinds';
export {
  Assertion,
  type Authenticator,
  Registration,
  type RelyingParty,
  registrationOptions,
  verifyAssertion,
  verifyRegistration,
} from './webauthn';
