import { type Grant, type Tx, transactBriefly } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { perTargetLimit } from '#lib/process';
import type { End } from '#warden/vault';
import type { Warden } from '../context';
import { endGrant } from './end-grant';
import { type Ending, noteRow, stop } from './note';
import { reachOf } from './reach';

const PARALLEL_AT_ONE_TARGET = 16;
/** Of each group: rows that somebody holds locked leave connections for everything else. */
const WRITING_AT_ONCE = 3;
/** Before an end that could not be written down is tried again. */
const PAUSE_MS = 2_000;

/** Grants being ended right now: each once, many at a time, none waiting for another target's. */
export interface EndingsInFlight {
  /**
   * Takes what its row says as the decision that it is: from here on it is over by the warden's own files, and ends by
   * these, whatever is written into the row next.
   */
  see(grant: Ending): void;
  /** Sees it, and ends it now. */
  end(grant: Ending): void;
  ids(): readonly string[];
  /** Not proven dead, and not to be tried again yet: by no row, since web's role may write into that. */
  paused(): readonly string[];
  /**
   * Decides that it is over, writes that down, and ends it. One whose row is locked or cannot be written ends all the
   * same, holds up nobody, and rests before its row is tried again (P8).
   */
  askAndEnd(grant: Pick<Grant, 'id' | 'targetId'>, end: End): void;
  /** Writes something else down in the same way, once at a time for each id; what is of another group waits for none of it. */
  writeDown(group: string, id: string, act: (tx: Tx, now: Date) => Promise<unknown>): void;
  /** What is being written down, or rests: grants, and what else has an id. */
  expiring(): readonly string[];
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function endingsInFlight(warden: Warden): EndingsInFlight {
  const { vault } = warden;
  const targets = perTargetLimit(PARALLEL_AT_ONE_TARGET);
  const reach = reachOf(warden);
  const inFlight = new Map<string, Promise<void>>();
  const pauses = pausesInMemory();
  const { expiring, brief, write } = rowsOf(warden);

  async function end({ id, targetId }: Pick<Grant, 'id' | 'targetId'>): Promise<void> {
    try {
      const outcome = await targets.run(targetId, () => endGrant(warden, reach, id));
      // Outside the target's places: a row that is held locked takes none of them.
      const pauseSeconds = outcome === null ? 0 : await brief('outcomes', outcome);
      if (pauseSeconds > 0) pauses.begin(id, pauseSeconds);
      inFlight.delete(id);
    } catch (error) {
      warden.log.warn({ err: error, grantId: id }, 'ending could not be recorded; it is tried again');
      setTimeout(() => inFlight.delete(id), PAUSE_MS).unref();
    }
  }

  const start = (grant: Pick<Grant, 'id' | 'targetId'>): void => {
    if (inFlight.has(grant.id)) return;
    pauses.end(grant.id);
    inFlight.set(grant.id, end(grant));
  };

  async function ask(grant: Pick<Grant, 'id' | 'targetId'>, why: End): Promise<void> {
    if (!(await write('grants', grant.id, (tx, now) => askForEnd(tx, now, grant.id, why)))) return;
    vault.stopped.written(grant.id);
    start(grant);
  }

  const isKnown = (id: string): boolean => [inFlight, expiring, pauses].some((known) => known.has(id));
  const see = (grant: Ending): void => (isKnown(grant.id) ? undefined : noteRow(warden, grant));

  return {
    see,
    end(grant) {
      see(grant);
      start(grant);
    },
    ids: () => [...inFlight.keys()],
    paused: pauses.ids,
    askAndEnd(grant, why) {
      const first = stop(warden, grant.id, why);
      if (!expiring.has(grant.id)) expiring.set(grant.id, ask(grant, first));
    },
    writeDown(group, id, act) {
      if (!expiring.has(id)) expiring.set(id, write(group, id, act));
    },
    expiring: () => [...expiring.keys()],
    async idle() {
      await Promise.all(expiring.values());
      await Promise.all(inFlight.values());
    },
  };
}

/** How long each rests that was not proven dead. */
function pausesInMemory() {
  const untilMs = new Map<string, number>();
  return {
    begin: (id: string, seconds: number) => void untilMs.set(id, performance.now() + seconds * 1_000),
    end: (id: string) => void untilMs.delete(id),
    has: (id: string) => untilMs.has(id),
    ids() {
      for (const [id, until] of untilMs) if (until <= performance.now()) untilMs.delete(id);
      return [...untilMs.keys()];
    },
  };
}

/** What is written into rows, briefly each, and what of it is under way or rests. */
function rowsOf({ db, log }: Pick<Warden, 'db' | 'log'>) {
  const expiring = new Map<string, Promise<unknown>>();
  const writing = perTargetLimit(WRITING_AT_ONCE);

  const brief = <T>(group: string, act: (tx: Tx, now: Date) => Promise<T>): Promise<T> =>
    writing.run(group, () => transactBriefly(db, act));

  async function write(group: string, id: string, act: (tx: Tx, now: Date) => Promise<unknown>): Promise<boolean> {
    try {
      await brief(group, act);
      expiring.delete(id);
      return true;
    } catch (error) {
      log.warn({ err: error, id }, 'an end could not be recorded');
      setTimeout(() => expiring.delete(id), PAUSE_MS).unref();
      return false;
    }
  }

  return { expiring, brief, write };
}
