export { canCollect, canEnd, type EndReason, type GrantState, isLive } from './state';
export { askForEnd, collect, createGrant, markEnded, markTrouble, type NewGrant } from './service';
export { dueForEnding, nextExpiry, overdue } from './store';
