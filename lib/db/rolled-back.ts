import { type ErrorFields, saysAnywhere } from './error-parts';

/** SQLSTATE serialization_failure and deadlock_detected, and what Prisma makes of them. */
const CODES = new Set(['40001', '40P01', 'P2034']);

/**
 * Whether the server undid a transaction because it met another: a deadlock, or
 * a write that cannot be serialized. Nothing of it is left, so the same again may
 * succeed. Not 40003: there nobody knows whether it was committed.
 */
export const isRolledBack = (error: unknown): boolean => saysAnywhere(error, saysSo);

const saysSo = ({ code, originalCode, kind }: ErrorFields): boolean =>
  [code, originalCode].some((each) => CODES.has(String(each))) || kind === 'TransactionWriteConflict';
