import { addSeconds } from '#lib/core';
import type { Db, Grant } from '#lib/db';

/** Longer than any pause the warden makes between two tries to end a grant. */
const LONGEST_PAUSE_SECONDS = 60;

/** Grants whose time is over by the database's clock and that nobody has ended yet: the sweeper's work list. */
export function overdue(db: Db, now: Date, limit = 100): Promise<Grant[]> {
  return db.grant.findMany({
    where: {
      OR: [
        { state: 'active', expiresAt: { lte: now } },
        // Collecting sets both at once: one without an end was not collected but written by somebody.
        { state: 'active', expiresAt: null, collectBy: { lte: now } },
        { state: { in: ['waiting', 'ready'] }, collectBy: { lte: now } },
      ],
    },
    orderBy: { createdAt: 'asc' },
    take: limit,
  });
}

/**
 * Grants on their way out whose next try is due: revoked just now, or not proven
 * dead yet. `except` those in hand, so that a hundred stuck ones hide nobody
 * else (P8). Web may write `retryAt`: one too far off to be ours counts as due.
 */
export function dueForEnding(
  db: Db,
  now: Date,
  { limit = 100, except = [] }: { limit?: number; except?: readonly string[] } = {},
): Promise<Grant[]> {
  return db.grant.findMany({
    where: {
      state: 'ending',
      id: { notIn: [...except] },
      OR: [{ retryAt: null }, { retryAt: { lte: now } }, { retryAt: { gt: addSeconds(now, LONGEST_PAUSE_SECONDS) } }],
    },
    orderBy: { endingAt: 'asc' },
    take: limit,
  });
}

/** When the next live credential expires, by the database's clock; null while there is none. */
export async function nextExpiry(db: Db): Promise<Date | null> {
  const { _min } = await db.grant.aggregate({ where: { state: 'active' }, _min: { expiresAt: true } });
  return _min.expiresAt;
}
