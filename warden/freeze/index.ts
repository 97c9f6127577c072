export { frozen, refuseFrozen, restoreFreezes, standingFreezes } from './freeze';
