export { Freeze } from './freeze';
export { Frozen } from './frozen';
