import { iso } from '#lib/core';
import { openKeptMap } from '#lib/process';
import type { Ledger } from './types';

type Kept = { readonly until: string; readonly ended: boolean };

/** This host's clock and the database's may differ by seconds. */
const LATER_MS = 3_600_000;

/**
 * An attacker who owns the tables can put a grant's row back in time, or bring
 * its end forward so that nobody minds it any more; neither is in these lines (P3).
 */
export function openLedger(path: string): Ledger {
  const kept = openKeptMap<Kept>(path, ({ until }) => Date.parse(until) > Date.now() - LATER_MS);
  return {
    minted: (grantId, until) => kept.set(grantId, { until: iso(until), ended: false }),
    ended(...grantIds) {
      const known = grantIds.map((grantId) => [grantId, kept.get(grantId)] as const);
      kept.setAll(known.flatMap(([id, one]) => (one?.ended === false ? [[id, { ...one, ended: true }] as const] : [])));
    },
    live: () => [...kept.entries()].filter(([, { ended }]) => !ended).map(([grantId]) => grantId),
    endedEarly(now) {
      const early = new Map<string, Date>();
      for (const [grantId, { until, ended }] of kept.entries())
        if (new Date(until) <= now) kept.forget(grantId);
        else if (ended) early.set(grantId, new Date(until));
      return early;
    },
  };
}
