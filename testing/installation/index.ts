export { type AgentClient, type AgentSecrets, agentWith } from './agent';
export { askKeyHere, callFreely, cookieHeader, standOn, stateOf, stealOffer, submit } from './attacker';
export {
  allowReads,
  deny,
  grantCard,
  isNotLetIn,
  leaveToSign,
  openRequest,
  row,
  signIn,
} from './console-pages';
export { type InstallationUnderTest, startAgain, startInstallation } from './installation';
export { type Person, person } from './person';
export { ask, openSession, type Session } from './postgres';
export {
  type FurnishedInstallation,
  furnishedInstallation,
  type Installation,
  newInstallation,
  quickStart,
} from './set-up';
export {
  acceptInvitation,
  addPostgres,
  addProvider,
  addSample,
  addTokenTarget,
  approve,
  backToConsole,
  confirmField,
  lookAtProvider,
  registerAgent,
  secretsOn,
  setUp,
  sign,
  signButton,
  signFor,
} from './sign-pages';
export { test, withAgent } from './test';
