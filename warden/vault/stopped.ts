import { iso } from '#lib/core';
import { openKeptMap } from '#lib/process';
import type { End, Stop, Stopped, Vault } from './types';

/** Longer than anything lives that was had by a grant. Then it says nothing any more. */
const KEPT_MS = 2 * 86_400_000;

/** What else has to hold by then is written before it. Known at once, also where the disk is full. */
export function openStopped(path: string, beside: Pick<Vault, 'granted' | 'spent' | 'ledger'>): Stopped {
  const kept = openKeptMap<Stop>(path, ({ at }) => Date.parse(at) > Date.now() - KEPT_MS);
  const stopped = new Map(kept.entries());
  const unwritten = new Map(stopped);
  return {
    add(grantId, { reason, by }) {
      const stop = stopped.get(grantId) ?? { reason, by, at: iso(new Date()) };
      if (!stopped.has(grantId)) unwritten.set(grantId, stop);
      stopped.set(grantId, stop);
      keepEnded(beside, grantId, null);
      beside.ledger.ended(grantId);
      if (!kept.has(grantId)) kept.set(grantId, stop);
      return stop;
    },
    has: (grantId) => stopped.has(grantId),
    unwritten,
    written: (grantId) => void unwritten.delete(grantId),
  };
}

interface Noting {
  readonly vault: Pick<Vault, 'stopped'>;
  readonly log: { error(facts: object, words: string): void };
}

/**
 * Notes that a grant is over, and returns the first word of why. Never throws, for
 * what has to go on: the warden knows it from then on, also where the disk took no line.
 */
export function noteStop({ vault, log }: Noting, grantId: string, end: End): End {
  try {
    return vault.stopped.add(grantId, end);
  } catch (error) {
    log.error({ err: error, grantId }, 'an end could not be noted beside the database');
    return end;
  }
}

/** What is spent once the grant of a request has ended, so that no row brings it back (T84). */
export const endedMark = (requestId: string): string => `ended ${requestId}`;

/**
 * Which request it was for is what was noted when it was approved: whoever owns
 * the tables can write another into the row, which counts where nothing was noted.
 */
export function keepEnded(
  { granted, spent }: Pick<Vault, 'granted' | 'spent'>,
  grantId: string,
  inRow: string | null,
): void {
  const requestId = granted.get(grantId) ?? inRow;
  if (requestId !== null) spent.add(endedMark(requestId));
}
