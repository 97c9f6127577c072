import { type Grant, type Tx, transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { perTargetLimit } from '#lib/process';
import type { Warden } from '../context';
import { endGrant } from './end-grant';
import { reachOf } from './reach';

const PARALLEL_AT_ONE_TARGET = 16;
/** Rows that somebody holds locked leave connections for everything else. */
const ASKING_AT_ONCE = 4;
/** Before the end of a grant that could not be written down is tried again. */
const PAUSE_MS = 2_000;

type End = Parameters<typeof askForEnd>[3];

/** Grants being ended right now: each once, many at a time, none waiting for another target's. */
export interface EndingsInFlight {
  end(grant: Pick<Grant, 'id' | 'targetId'>): void;
  ids(): readonly string[];
  /** Writes down that it is over, and ends it. One whose row is locked or cannot be written holds up nobody, and rests before it is tried again (P8). */
  askAndEnd(grant: Pick<Grant, 'id' | 'targetId'>, end: End): void;
  /** Writes something else down in the same way, once at a time for each id; what is of another group waits for none of it. */
  writeDown(group: string, id: string, act: (tx: Tx, now: Date) => Promise<unknown>): void;
  /** What is being written down, or rests: grants, and what else has an id. */
  expiring(): readonly string[];
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function endingsInFlight(warden: Warden): EndingsInFlight {
  const targets = perTargetLimit(PARALLEL_AT_ONE_TARGET);
  const reach = reachOf(warden);
  const inFlight = new Map<string, Promise<void>>();
  const expiring = new Map<string, Promise<unknown>>();
  const asking = perTargetLimit(ASKING_AT_ONCE);

  async function end(grant: Pick<Grant, 'id' | 'targetId'>): Promise<void> {
    try {
      await targets.run(grant.targetId, () => endGrant(warden, reach, grant.id));
    } catch (error) {
      warden.log.warn({ err: error, grantId: grant.id }, 'ending could not be recorded; the next sweep tries again');
    } finally {
      inFlight.delete(grant.id);
    }
  }

  const start = (grant: Pick<Grant, 'id' | 'targetId'>): void => {
    if (!inFlight.has(grant.id)) inFlight.set(grant.id, end(grant));
  };

  async function write(group: string, id: string, act: (tx: Tx, now: Date) => Promise<unknown>): Promise<boolean> {
    try {
      await asking.run(group, () =>
        transact(warden.db, async (tx, now) => {
          await tx.$executeRaw`SET LOCAL lock_timeout = '1s'`;
          await act(tx, now);
        }),
      );
      expiring.delete(id);
      return true;
    } catch (error) {
      warden.log.warn({ err: error, id }, 'an end could not be recorded');
      setTimeout(() => expiring.delete(id), PAUSE_MS).unref();
      return false;
    }
  }

  async function ask(grant: Pick<Grant, 'id' | 'targetId'>, why: End): Promise<void> {
    if (await write('grants', grant.id, (tx, now) => askForEnd(tx, now, grant.id, why))) start(grant);
  }

  return {
    end: start,
    ids: () => [...inFlight.keys()],
    askAndEnd(grant, why) {
      if (!expiring.has(grant.id)) expiring.set(grant.id, ask(grant, why));
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
