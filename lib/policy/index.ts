export { dangerOfActs } from './danger';
export { type Requirements, requirementsOf, type Seen } from './requirements';
