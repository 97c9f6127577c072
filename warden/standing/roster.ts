import { DomainError } from '#lib/core';
import type { Authority } from '#lib/identity';
import { loop } from '#warden/pulse';
import type { StandingParts } from './types';

const EVERY_MS = 1_000;

export interface Roster {
  /** As of the last notice that the chain grew. Throws where the chain does not hold, or was never read. */
  current(): Promise<Authority>;
  stop(): Promise<void>;
}

/**
 * The authority in memory. A chain that does not hold is no authority at all
 * (P7); a database that is away says nothing about the chain, so the last one
 * stands for as long as the caller's bound lets it.
 */
export function keepRoster({ db, listener, authority }: Pick<StandingParts, 'db' | 'listener' | 'authority'>): Roster {
  let last: Authority | null = null;
  let current: Promise<Authority> | null = null;

  async function read(): Promise<Authority> {
    try {
      last = await authority.current(db);
      return last;
    } catch (error) {
      if (error instanceof DomainError || last === null) throw error;
      return last;
    }
  }

  /** One reading at a time; what fails is asked again by the next caller. */
  function refresh(): Promise<Authority> {
    const reading = read();
    current = reading;
    reading.catch(() => {
      if (current === reading) current = null;
    });
    return reading;
  }

  const rounds = loop(
    async () => {
      await refresh();
      return EVERY_MS;
    },
    { onError: () => undefined, retryMs: 250 },
  );
  const deaf = listener.onNotice((notice) => {
    // Whoever asks from now on waits for what is read from now on.
    if (notice === null || notice.table === 'chain') void refresh().catch(() => undefined);
  });
  return {
    current: () => current ?? refresh(),
    async stop() {
      deaf();
      await rounds.stop();
    },
  };
}
