export { type Collected, collectGrant, ownGrant } from './collect';
export { isOver } from './in-flight';
export { collectRest } from './resting';
