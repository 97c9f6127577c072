export { frozen, lastThaw, refuseFrozen } from './freeze';
export { restoreFreezes } from './restore';
