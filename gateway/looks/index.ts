export { startLooks } from './worker';
