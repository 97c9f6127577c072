export { createStanding } from './callers';
export type { Seen } from './recorder';
export type { Caller, Standing } from './types';
