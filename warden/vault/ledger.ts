import { openJournal } from '#lib/process';
import type { Ledger } from './types';

/**
 * An attacker who owns the tables can put a grant's row back in time, or bring
 * its end forward so that nobody minds it any more; neither is in these lines (P3).
 */
export function openLedger(path: string): Ledger {
  const journal = openJournal(path);
  const live = new Map<string, Date>();
  const ended = new Map<string, Date>();

  function end(grantId: string): boolean {
    const until = live.get(grantId);
    if (until === undefined) return false;
    live.delete(grantId);
    ended.set(grantId, until);
    return true;
  }

  for (const line of journal.list()) {
    const [what, grantId = '', until = ''] = line.split(' ');
    if (what === 'minted') live.set(grantId, new Date(until));
    else end(grantId);
  }
  return {
    minted(grantId, until) {
      journal.add(`minted ${grantId} ${until.toISOString()}`);
      live.set(grantId, until);
    },
    ended(grantId) {
      if (end(grantId)) journal.add(`ended ${grantId}`);
    },
    live: () => [...live.keys()],
    endedEarly(now) {
      for (const each of [live, ended]) for (const [grantId, until] of each) if (until <= now) each.delete(grantId);
      return ended;
    },
  };
}
