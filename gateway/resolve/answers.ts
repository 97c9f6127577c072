import { DomainError, type Json } from '#lib/core';
import type { Resolver } from '#lib/profiles';
import { type Resolution, resolve } from './resolve';

/** How long one resolution may take, all its reads together. */
const LOOK_SECONDS = 30;

/** One read that has so many seconds left. */
export type TimedRead = (read: string, variables: { readonly [name: string]: Json }, seconds: number) => Promise<Json>;

/**
 * Looks at a provider, for half a minute at most. One that gave no answer to any
 * read is away, and that is no finding: it throws `target_unreachable`, so that
 * the request waits. One that answers some is believed as far as it goes.
 */
export async function resolveInTime(
  resolver: Resolver,
  args: { readonly [name: string]: Json },
  read: TimedRead,
): Promise<Resolution> {
  const until = performance.now() + LOOK_SECONDS * 1_000;
  const seen: { answered: boolean; away: DomainError | null } = { answered: false, away: null };
  const resolution = await resolve(resolver, args, async (text, variables) => {
    const seconds = Math.ceil((until - performance.now()) / 1_000);
    if (seconds <= 0) throw new Error('no time is left');
    try {
      const answer = await read(text, variables, seconds);
      seen.answered = true;
      return answer;
    } catch (error) {
      if (isAway(error)) seen.away = error;
      else seen.answered = true;
      throw error;
    }
  });
  if (!seen.answered && seen.away !== null) throw seen.away;
  return resolution;
}

const isAway = (error: unknown): error is DomainError =>
  error instanceof DomainError && error.code === 'target_unreachable';
