export { askForEnd, collect, createGrant, markEnded, markTrouble } from './service';
export { canCollect, canEnd, type GrantState, isLive } from './state';
export { dueForEnding, nextExpiry, overdue } from './store';
