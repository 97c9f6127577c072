export { formatDuration } from './duration';
export { keyClassWords } from './key-class';
export { confusable, plainIdentifier, visible } from './visible';
