export { startPreviews } from './worker';
