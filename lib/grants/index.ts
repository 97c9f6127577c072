export { askForEnd, collect, createGrant, markEnded, markTrouble } from './service';
export { canCollect, canEnd } from './state';
export { dueForEnding, nextExpiry, overdue } from './store';
