import type { IncomingMessage } from 'node:http';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { DomainError, type ErrorCode, sha256 } from '#lib/core';

/** Addresses share so many counters: who invents addresses fills no memory. */
const COUNTERS = 4_096;
const counterOf = (remote: string): number => Buffer.from(sha256(remote)).readUInt16BE(0) % COUNTERS;

/**
 * Tells who tries tokens to wait, by address. Only failures are counted and only
 * failures are turned away: a stranger behind the same proxy cannot lock an agent
 * or an owner out, and neither can one who shares a counter with them.
 */
export function failureLimit(codes: readonly ErrorCode[] = ['unauthenticated']) {
  const failures = new RateLimiterMemory({ points: 30, duration: 60 });
  return async (remote: string, error: unknown): Promise<unknown> => {
    if (!(error instanceof DomainError) || !codes.includes(error.code)) return error;
    try {
      await failures.consume(counterOf(remote));
      return error;
    } catch (spent) {
      const retryAfterSeconds = Math.ceil(((spent as { msBeforeNext?: number }).msBeforeNext ?? 60_000) / 1000);
      return new DomainError('rate_limited', 'Too many tries without a valid token, link or code. Wait a little.', {
        retryAfterSeconds,
      });
    }
  };
}

/** How long a body may take, milliseconds. */
export interface BodyTimes {
  /** Between one byte and the next; noticed within twice this. */
  readonly idleMs: number;
  /** From first to last, for who has not been let through: a slow stranger holds a connection no longer (T68). */
  readonly wholeMs: number;
}

export const BODY_TIMES: BodyTimes = { idleMs: 15_000, wholeMs: 20_000 };

/** Waits for bodies, and cuts those that do not come. */
export interface Patience {
  watch(request: IncomingMessage): void;
  /** From here on it may take as long as it keeps coming: a large upload is no attack. */
  allow(request: IncomingMessage): void;
}

export function createPatience({ idleMs, wholeMs }: BodyTimes): Patience {
  const allowed = new WeakSet<IncomingMessage>();
  return {
    allow: (request) => void allowed.add(request),
    watch(request) {
      if (!hasBody(request)) return;
      const { socket } = request;
      let came = socket.bytesRead;
      const idle = setInterval(() => {
        // What waits here unread is a slow provider's doing, and not the caller's.
        if (socket.bytesRead === came && !request.complete && request.readableLength === 0) socket.destroy();
        came = socket.bytesRead;
      }, idleMs);
      const whole = setTimeout(() => request.complete || allowed.has(request) || socket.destroy(), wholeMs);
      // Also where nobody reads it to its end.
      for (const event of ['end', 'close']) request.once(event, () => [idle, whole].forEach(clearTimeout));
    },
  };
}

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
