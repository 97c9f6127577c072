export { type FreezeWatch, frozen, refuseFrozen, watchFreeze } from './freeze';
