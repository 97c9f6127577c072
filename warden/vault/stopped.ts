import { openJournal, writePrivate } from '#lib/process';
import type { Stop, Stopped, Vault } from './types';

/** Longer than anything lives that was had by a grant. Then it says nothing any more. */
const KEPT_MS = 2 * 86_400_000;

/** One line of JSON for each end. What else has to hold by then is written before it. */
export function openStopped(path: string, beside: Pick<Vault, 'granted' | 'spent' | 'ledger'>): Stopped {
  const before = openJournal(path).list();
  const kept = before.map((line) => JSON.parse(line) as Stop).filter(({ at }) => Date.parse(at) > Date.now() - KEPT_MS);
  if (kept.length < before.length) writePrivate(path, kept.map((stop) => `${JSON.stringify(stop)}\n`).join(''));
  const journal = openJournal(path);
  const stopped = new Map(kept.map((stop) => [stop.grantId, stop]));
  const unwritten = new Map(stopped);
  return {
    add(grantId, { reason, by }) {
      const stop = stopped.get(grantId) ?? { grantId, reason, by, at: new Date().toISOString() };
      if (!stopped.has(grantId)) unwritten.set(grantId, stop);
      stopped.set(grantId, stop);
      keepEnded(beside, grantId, null);
      beside.ledger.ended(grantId);
      if (!journal.has(JSON.stringify(stop))) journal.add(JSON.stringify(stop));
      return stop;
    },
    has: (grantId) => stopped.has(grantId),
    unwritten,
    written: (grantId) => void unwritten.delete(grantId),
  };
}

/** In the journal once the grant of a request has ended, so that no row brings it back (T84). */
export const endedMark = (requestId: string): string => `ended ${requestId}`;

/**
 * Which request it was for is what was noted when it was approved: whoever owns
 * the tables can write another into the row, which counts where nothing was noted.
 */
export function keepEnded(vault: Pick<Vault, 'granted' | 'spent'>, grantId: string, inRow: string | null): void {
  const noted = vault.granted.list().find((line) => line.startsWith(`${grantId} `));
  const requestId = noted?.split(' ')[1] ?? inRow;
  if (requestId !== null && !vault.spent.has(endedMark(requestId))) vault.spent.add(endedMark(requestId));
}
