export { markEnded, markTrouble } from './ended';
export { askForEnd, collect, createGrant } from './service';
export { canCollect, canEnd, endOf, LIVE, subjectOf } from './state';
export { dueForEnding, nextExpiry, overdue } from './store';
