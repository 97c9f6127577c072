import type { Db, Grant } from '#lib/db';

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
 * Ending grants whose next try is due: just revoked, or not proven dead yet. `retryAt` tells people when that is and
 * puts nothing off, since web's role may write it: a pause is what the caller names in `paused`. Null cuts one short.
 */
export function dueForEnding(
  db: Db,
  { limit = 100, except = [], paused = [] }: Wanted & { readonly paused?: readonly string[] } = {},
): Promise<Grant[]> {
  return db.grant.findMany({
    where: {
      state: 'ending',
      id: { notIn: [...except] },
      OR: [{ retryAt: null }, { id: { notIn: [...paused] } }],
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
