export { formatDuration } from './duration';
export { keyClassWords } from './key-class';
export { confusable, plainIdentifier } from './names';
export { visible } from './visible';
