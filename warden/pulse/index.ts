export { clockHolds, readClock } from './clock';
export { lanes } from './lanes';
export { type Loop, loop } from './loop';
export { startPulse } from './pulse';
export { type RecordedAlarms, recordedAlarms } from './recorder';
export { within } from './within';
