import { iso } from '#lib/core';
import { openKeptMap } from '#lib/process';
import type { SeenFreeze, SeenFreezes } from './types';

/** Who froze where no person did. */
export const WARDEN = 'warden';

type Kept = Omit<SeenFreeze, 'id' | 'begunAt'> & { readonly begunAt: string };

export function openSeenFreezes(path: string): SeenFreezes {
  const kept = openKeptMap<Kept>(path);
  return {
    note({ id, humanId, reason, begunAt }) {
      if (kept.get(id) === undefined) kept.set(id, { humanId, reason, begunAt: iso(begunAt) });
    },
    list: () => [...kept.entries()].map(([id, { begunAt, ...rest }]) => ({ id, ...rest, begunAt: new Date(begunAt) })),
  };
}
