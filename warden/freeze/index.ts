export { frozen, refuseFrozen } from './freeze';
