export { markEnded, markTrouble } from './ended';
export { askForEnd, collect, createGrant } from './service';
export { canCollect, canEnd, subjectOf } from './state';
export { dueForEnding, nextExpiry, overdue } from './store';
