import type { Db, Grant } from '#lib/db';

/** Grants whose time is over by the database's clock and that nobody has ended yet: the sweeper's work list. */
export function overdue(db: Db, now: Date, limit = 100): Promise<Grant[]> {
  return db.grant.findMany({
    where: {
      OR: [
        { state: 'active', expiresAt: { lte: now } },
        { state: { in: ['waiting', 'ready'] }, collectBy: { lte: now } },
      ],
    },
    orderBy: { createdAt: 'asc' },
    take: limit,
  });
}

/** Grants on their way out whose next try is due: revoked just now, or not proven dead yet. */
export function dueForEnding(db: Db, now: Date, limit = 100): Promise<Grant[]> {
  return db.grant.findMany({
    where: { state: 'ending', OR: [{ retryAt: null }, { retryAt: { lte: now } }] },
    orderBy: { endingAt: 'asc' },
    take: limit,
  });
}
