import { randomFillSync } from 'node:crypto';

/** W3C Trace Context, version 00. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

const ID_BYTES = 16;
const pool = Buffer.alloc(256 * ID_BYTES);
let used = pool.length;

/** Asking the system for sixteen bytes at a time costs more than all else a read does with its id. */
function randomId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += ID_BYTES;
  return pool.toString('hex', used - ID_BYTES, used);
}

/**
 * What this call is called in answers and logs: the caller's trace id where it
 * sent a well-formed `traceparent`, else 128 random bits, both as 32 hex digits.
 */
export function requestIdFrom(traceparent: unknown): string {
  const sent = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined;
  return sent ?? randomId();
}

/** The same of a fetch request's headers. */
export const requestIdOf = (headers: Headers): string => requestIdFrom(headers.get('traceparent'));
