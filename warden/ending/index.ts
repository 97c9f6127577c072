export { startEnding } from './start';
