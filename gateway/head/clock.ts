/** Readings of the database's clock that are compared: the one that came fastest is the truest. */
const READINGS = 16;

/** The database's time, told by heads and carried on by this host's monotonic clock (T77). */
export interface DatabaseClock {
  /** A head that was just read says this. */
  told(at: Date): void;
  /** Before the first head, the host's own time: nothing is let through by it. */
  now(): Date;
}

export function databaseClock(): DatabaseClock {
  let offsets: number[] = [];
  return {
    told(at) {
      offsets = [...offsets, at.getTime() - performance.now()].slice(-READINGS);
    },
    // Every reading is late by its way here, and none is early.
    now: () => new Date(offsets.length === 0 ? Date.now() : Math.max(...offsets) + performance.now()),
  };
}
