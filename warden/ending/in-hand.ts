import type { Grant } from '#lib/db';
import { perTargetLimit } from '#lib/process';
import type { Warden } from '../context';
import { endGrant } from './end-grant';
import { reachOf } from './reach';

const PARALLEL_AT_ONE_TARGET = 16;

/** Grants being ended right now: each once, many at a time, none waiting for another target's. */
export interface InHand {
  end(grant: Pick<Grant, 'id' | 'targetId'>): void;
  ids(): readonly string[];
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function inHandOf(warden: Warden): InHand {
  const targets = perTargetLimit(PARALLEL_AT_ONE_TARGET);
  const reach = reachOf(warden);
  const underWay = new Map<string, Promise<void>>();

  async function end(grant: Pick<Grant, 'id' | 'targetId'>): Promise<void> {
    try {
      await targets.run(grant.targetId, () => endGrant(warden, reach, grant.id));
    } catch (error) {
      warden.log.warn({ err: error, grantId: grant.id }, 'ending could not be recorded; the next sweep tries again');
    } finally {
      underWay.delete(grant.id);
    }
  }

  return {
    end(grant) {
      if (!underWay.has(grant.id)) underWay.set(grant.id, end(grant));
    },
    ids: () => [...underWay.keys()],
    async idle() {
      await Promise.all(underWay.values());
    },
  };
}
