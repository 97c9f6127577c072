import { RateLimiterMemory } from 'rate-limiter-flexible';
import { DomainError } from '#lib/core';

/**
 * Slows down who tries tokens, by address. Only failures are counted and only
 * failures are turned away: a stranger behind the same proxy cannot lock an agent out.
 */
export function failureLimit() {
  const failures = new RateLimiterMemory({ points: 30, duration: 60 });
  return async (remote: string, error: unknown): Promise<unknown> => {
    if (!(error instanceof DomainError) || error.code !== 'unauthenticated') return error;
    try {
      await failures.consume(remote);
      return error;
    } catch (spent) {
      const retryAfterSeconds = Math.ceil(((spent as { msBeforeNext?: number }).msBeforeNext ?? 60_000) / 1000);
      return new DomainError('rate_limited', 'Too many calls without a valid token. Wait a little.', {
        retryAfterSeconds,
      });
    }
  };
}
