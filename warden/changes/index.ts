export { refuseNameTaken } from './agents';
export { checkProjection } from './check';
export { appendEntry, appendGenesis } from './entry';
export { followNow, startFollowing } from './follow';
export {
  type PendingRecovery,
  pendingRecovery,
  RECOVERY_SECONDS,
  recoveryAlarm,
  writeRecovery,
} from './recovery';
export { appendRenewal } from './renewal';
export { retireKey } from './retire';
