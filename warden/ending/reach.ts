import { DomainError, refuse } from '#lib/core';
import type { Target } from '#warden/targets';
import { openTarget } from '#warden/targets';
import type { Warden } from '../context';

/** The way to a target, to end what is there. */
export type Reach = (targetId: string) => Promise<Target>;

/**
 * Taking away asks for less than giving: where the chain or a secret was spoiled
 * a moment ago, the last way that was true still serves to end what it gave.
 * Otherwise whoever writes to the database could keep a session alive.
 */
export function reachOf(warden: Warden): Reach {
  const known = new Map<string, Target>();
  return async (targetId) => {
    try {
      const { targets } = await warden.authority.current(warden.db);
      const signed =
        targets.get(targetId) ??
        refuse('minting_stopped', 'Its target is in no signed record, so the warden has no way to it.');
      const target = await openTarget(warden, signed);
      known.set(targetId, target);
      return target;
    } catch (error) {
      const before = known.get(targetId);
      if (before !== undefined && error instanceof DomainError && error.code === 'minting_stopped') return before;
      throw error;
    }
  };
}
