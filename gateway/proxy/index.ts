export { createForward, type Forward } from './forward';
export { cancelHeld } from './hold';
