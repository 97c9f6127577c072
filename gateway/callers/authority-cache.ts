import type { Authority } from '#lib/authority';
import { DomainError, refuse } from '#lib/core';
import { loop, within } from '#warden/pulse';
import type { StandingParts } from './types';

const EVERY_MS = 1_000;

/** A reading that takes longer is given up, and begun again. */
const READING_SECONDS = 5;

/** How long a caller waits for what a notice told of. */
const WAIT_SECONDS = 1.5;

export interface Roster {
  /** As of the last notice that the chain grew. Throws where the chain does not hold, or cannot be read. */
  current(): Promise<Authority>;
  /** For how long the chain could not be read: a database may answer everything but that. */
  ageSeconds(): number;
  /** The last one that held, of whatever age; null for none. */
  last(): Authority | null;
  stop(): Promise<void>;
}

/**
 * The authority in memory. A chain that does not hold is no authority at all
 * (P7). A database that is away says nothing about the chain: the last one
 * stands for as long as the caller's bound lets it, and nobody waits. Only who
 * comes after a notice waits for what is read after it.
 */
export function keepRoster({ db, listener, authority }: Pick<StandingParts, 'db' | 'listener' | 'authority'>): Roster {
  let turn = nextTurn();
  let known: Authority | null = null;
  /** Notices heard, and how many of them `known` is newer than. */
  let heard = 1;
  let answered = 0;
  let unansweredSince: number | null = null;

  async function read(): Promise<number> {
    const upTo = heard;
    unansweredSince ??= performance.now();
    try {
      known = await within(READING_SECONDS, authority.current(db));
    } catch (error) {
      if (isAway(error)) throw error;
      known = null;
      turn.reject(error);
      turn = nextTurn();
      throw error;
    }
    answered = upTo;
    unansweredSince = null;
    turn.resolve();
    turn = nextTurn();
    return EVERY_MS;
  }

  const rounds = loop(read, { onError: () => undefined, retryMs: 250 });
  const deaf = listener.onNotice((notice) => {
    if (notice !== null && notice.table !== 'chain') return;
    heard += 1;
    rounds.wake();
  });

  async function caughtUp(): Promise<Authority> {
    const [upTo, until] = [heard, performance.now() / 1000 + WAIT_SECONDS];
    rounds.wake();
    while (known === null || answered < upTo) await soon(until - performance.now() / 1000, turn.promise);
    return known;
  }

  return {
    current: async () => (known !== null && answered === heard ? known : caughtUp()),
    ageSeconds: () => (unansweredSince === null ? 0 : (performance.now() - unansweredSince) / 1000),
    last: () => known,
    async stop() {
      deaf();
      await rounds.stop();
    },
  };
}

/** Whether the database gave no answer, which says nothing about the chain. */
const isAway = (error: unknown): boolean => !(error instanceof DomainError) || error.code === 'target_unreachable';

interface Turn {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** Ends with the next reading. Mostly nobody waits for it. */
function nextTurn(): Turn {
  let ends: Omit<Turn, 'promise'> = { resolve: () => undefined, reject: () => undefined };
  const promise = new Promise<void>((resolve, reject) => {
    ends = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, ...ends };
}

async function soon(seconds: number, reading: Promise<void>): Promise<void> {
  try {
    await within(seconds, reading);
  } catch (error) {
    if (!isAway(error)) throw error;
    refuse('unavailable', UNREAD, { retryAfterSeconds: 2, cause: error });
  }
}

const UNREAD = 'What was signed meanwhile cannot be read right now, so nothing passes. Try again shortly.';
