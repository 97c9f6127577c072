import { iso } from '#lib/core';
import { openKeptMap } from '#lib/process';
import type { End, Stop, Stopped, Vault } from './types';

/** Longer than anything lives that was had by a grant, and than one may be collected. Then it says nothing any more. */
export const KEPT_MS = 2 * 86_400_000;

/** What else has to hold by then is written before it. Known at once, also where the disk is full. */
export function openStopped(path: string, beside: Pick<Vault, 'granted' | 'spent' | 'ledger'>): Stopped {
  const kept = openKeptMap<Stop>(path, ({ at }) => Date.parse(at) > Date.now() - KEPT_MS);
  const stopped = new Map(kept.entries());
  const unwritten = new Map(stopped);
  function addAll(grantIds: readonly string[], { reason, by }: End): ReadonlyMap<string, Stop> {
    const at = iso(new Date());
    const stops = new Map(grantIds.map((id) => [id, stopped.get(id) ?? { reason, by, at }]));
    for (const [id, stop] of stops) {
      if (!stopped.has(id)) unwritten.set(id, stop);
      stopped.set(id, stop);
    }
    beside.spent.add(...grantIds.flatMap((id) => beside.granted.get(id) ?? []).map(endedMark));
    beside.ledger.ended(...grantIds);
    kept.setAll([...stops].filter(([id]) => !kept.has(id)));
    return stops;
  }

  return {
    add(grantId, end) {
      const [stop] = addAll([grantId], end).values();
      return stop ?? { ...end, at: iso(new Date()) };
    },
    addAll,
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
 * Notes that grants are over, and returns the first word of why, for each. Never throws, for
 * what has to go on: the warden knows it from then on, also where the disk took no line.
 */
export function noteStops({ vault, log }: Noting, grantIds: readonly string[], end: End): ReadonlyMap<string, End> {
  try {
    return vault.stopped.addAll(grantIds, end);
  } catch (error) {
    log.error({ err: error, grantIds: grantIds.slice(0, 10) }, 'ends could not be noted beside the database');
    return new Map(grantIds.map((id) => [id, end]));
  }
}

export const noteStop = (noting: Noting, grantId: string, end: End): End =>
  noteStops(noting, [grantId], end).get(grantId) ?? end;

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
