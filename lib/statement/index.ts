export { challengeOf, openStatement, sealStatement } from './bytes';
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
  Registration,
  type RelyingParty,
  registrationOptions,
  verifyAssertion,
  verifyRegistration,
} from './webauthn';
