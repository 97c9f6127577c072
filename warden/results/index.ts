export { startResults } from './results';
