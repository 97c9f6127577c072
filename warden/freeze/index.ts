export { frozen, lastThaw, refuseFrozen, standingFreezes } from './freeze';
export { restoreFreezes } from './restore';
