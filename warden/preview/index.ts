export { previewHolds, sealPreview } from './seal';
export { startPreviews } from './worker';
