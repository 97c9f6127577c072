export { type Trying, tryProvider } from './probes';
export { previewHolds } from './seal';
export { startLooks } from './take-looks';
export { startPreviews } from './worker';
