import { type Db, databaseNow } from '#lib/db';

/** Past this the host's clock is not to be trusted, and nothing is minted (T77). */
const MAX_SKEW_MS = 2_000;

interface ClockReading {
  /** The database's time: the one that decides. */
  readonly now: Date;
  /** Host minus database, milliseconds. */
  readonly skewMs: number;
}

/** Asks the database for the time and holds the host's clock against it. */
export async function readClock(db: Db): Promise<ClockReading> {
  const before = Date.now();
  const now = await databaseNow(db);
  return { now, skewMs: skewBetween(before, now.getTime(), Date.now()) };
}

/** The least skew that explains the reading: the database read its clock somewhere between `before` and `after`. */
export function skewBetween(before: number, at: number, after: number): number {
  if (before > at) return before - at;
  return after < at ? after - at : 0;
}

/** Whether host and database agree well enough to mint. */
export const clockHolds = (reading: Pick<ClockReading, 'skewMs'>): boolean => Math.abs(reading.skewMs) <= MAX_SKEW_MS;
