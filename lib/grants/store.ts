import { addSeconds } from '#lib/core';
import type { Db, Grant } from '#lib/db';

/** The warden waits less than this between two tries to end a grant. */
const LONGEST_PAUSE_SECONDS = 60;

/** So many at most, and none of these: a hundred that are stuck do not fill the list and hold up the others (P8). */
interface Wanted {
  readonly limit?: number;
  readonly except?: readonly string[];
}

/** Grants whose time is over by the database's clock and that are not ending yet: what the sweeper ends next. */
export function overdue(db: Db, now: Date, { limit = 100, except = [] }: Wanted = {}): Promise<Grant[]> {
  return db.grant.findMany({
    where: {
      id: { notIn: [...except] },
      OR: [
        { state: 'active', expiresAt: { lte: now } },
        // Collecting sets state and end together, so somebody wrote this row into the database: it ends too.
        { state: 'active', expiresAt: null, collectBy: { lte: now } },
        { state: { in: ['waiting', 'ready'] }, collectBy: { lte: now } },
      ],
    },
    orderBy: { createdAt: 'asc' },
    take: limit,
  });
}

/**
 * Ending grants whose next try is due: just revoked, or not proven dead yet. Web's role may write `retryAt`, so one
 * further off than the warden ever sets counts as due.
 */
export function dueForEnding(db: Db, now: Date, { limit = 100, except = [] }: Wanted = {}): Promise<Grant[]> {
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

/** When the next active grant but these expires, by the database's clock; null while none is active. */
export async function nextExpiry(db: Db, except: readonly string[] = []): Promise<Date | null> {
  const where = { state: 'active', id: { notIn: [...except] } };
  const { _min } = await db.grant.aggregate({ where, _min: { expiresAt: true } });
  return _min.expiresAt;
}
