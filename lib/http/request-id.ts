import { randomBytes } from 'node:crypto';

/** W3C Trace Context, version 00. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * What this call is called in answers and logs: the caller's trace id where it
 * sent a well-formed `traceparent`, else 128 random bits, both as 32 hex digits.
 */
export function requestIdOf(headers: Headers): string {
  return TRACEPARENT.exec(headers.get('traceparent') ?? '')?.[1] ?? randomBytes(16).toString('hex');
}
