export { prepare } from './prepare';
export { previewHolds, sealPreview } from './seal';
export { startPreviews } from './worker';
