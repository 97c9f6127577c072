export { startEnding } from './start';
export { startUses } from './uses';
