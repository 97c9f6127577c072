export { clockHolds, readClock } from './clock';
export { type Loop, loop } from './loop';
export { exclusively } from './mutex';
export { lanes } from './per-target-limit';
export { startPulse } from './pulse';
export { type RecordedAlarms, recordedAlarms } from './recorder';
export { within } from './within';
