export { formatDuration } from './duration';
export { confusable, plainIdentifier, visible } from './visible';
