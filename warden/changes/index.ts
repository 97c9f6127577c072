export { checkProjection } from './check';
export { appendEntry, appendGenesis } from './entry';
export {
  type PendingRecovery,
  pendingRecovery,
  RECOVERY_SECONDS,
  recoveryAlarm,
} from './recovery';
export { appendRenewal } from './renewal';
export { retireKey } from './retire';
