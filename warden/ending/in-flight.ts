import type { Grant } from '#lib/db';
import { perTargetLimit } from '#lib/process';
import type { Warden } from '../context';
import { endGrant } from './end-grant';
import { reachOf } from './reach';

const PARALLEL_AT_ONE_TARGET = 16;

/** Grants being ended right now: each once, many at a time, none waiting for another target's. */
export interface EndingsInFlight {
  end(grant: Pick<Grant, 'id' | 'targetId'>): void;
  ids(): readonly string[];
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function endingsInFlight(warden: Warden): EndingsInFlight {
  const targets = perTargetLimit(PARALLEL_AT_ONE_TARGET);
  const reach = reachOf(warden);
  const inFlight = new Map<string, Promise<void>>();

  async function end(grant: Pick<Grant, 'id' | 'targetId'>): Promise<void> {
    try {
      await targets.run(grant.targetId, () => endGrant(warden, reach, grant.id));
    } catch (error) {
      warden.log.warn({ err: error, grantId: grant.id }, 'ending could not be recorded; the next sweep tries again');
    } finally {
      inFlight.delete(grant.id);
    }
  }

  return {
    end(grant) {
      if (!inFlight.has(grant.id)) inFlight.set(grant.id, end(grant));
    },
    ids: () => [...inFlight.keys()],
    async idle() {
      await Promise.all(inFlight.values());
    },
  };
}
