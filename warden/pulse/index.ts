export { clockHolds, readClock } from './clock';
export { type Loop, loop } from './loop';
export { withMutex } from './mutex';
export { perTargetLimit } from './per-target-limit';
export { startPulse } from './pulse';
export { recordedAlarms } from './recorder';
export { within } from './within';
