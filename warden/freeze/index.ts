export { frozen, refuseFrozen } from './freeze';
export { restoreFreezes } from './restore';
