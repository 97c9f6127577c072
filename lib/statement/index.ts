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
export { Registration, registrationOptions, verifyRegistration } from './registration';
export { Assertion, countedBack, type RelyingParty, verifyAssertion } from './webauthn';
