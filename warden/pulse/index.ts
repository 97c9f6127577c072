export { clockHolds, readClock } from './clock';
export { withMutex } from './mutex';
export { startPulse } from './pulse';
export { recordedAlarms } from './recorder';
