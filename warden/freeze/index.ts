export { frozen, refuseFrozen, restoreFreezes } from './freeze';
