export { markEnded, markTrouble } from './ended';
export { askForEnd, collect, createGrant } from './service';
export { canCollect, canEnd } from './state';
export { dueForEnding, nextExpiry, overdue } from './store';
