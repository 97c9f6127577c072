/** What every long-running process of ours needs, whatever it does. */
export { type Alarm, type Alarms, createAlarms } from './alarms';
export { fairLimit } from './fair-limit';
export { type Dated, type KeptMap, type Marks, openDated, openKeptMap, openMarks } from './kept-map';
export { closed, failToStart, listening, notifyStarter, onStopSignal } from './lifecycle';
export { appendLine, wholeLines } from './lines';
export { type Loop, loop } from './loop';
export { isMetadataAddress } from './metadata-address';
export { type PerTargetLimit, perTargetLimit } from './per-target-limit';
export { readPrivate, syncFolder, writePrivate } from './private-file';
export { recordWhatRan } from './record-what-ran';
export { withTimeout } from './with-timeout';
