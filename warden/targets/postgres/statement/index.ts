export { type How, type Name, type Outline, outlineOf } from './outline';
export type { SqlParser, Tree } from './parser';
export { type Strangers, strangersOf } from './reach';
