export { createCallers } from './callers';
export type { Seen } from './recorder';
export type { Caller, Callers } from './types';
