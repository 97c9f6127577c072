export { previewHolds } from './seal';
export { startPreviews } from './worker';
