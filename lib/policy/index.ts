export { type Requirements, requirementsOf, type Seen } from './requirements';
