import { iso } from '#lib/core';
import { openKeptMap } from '#lib/process';
import type { LiveCredential, LiveCredentials } from './types';

type Kept = Omit<LiveCredential, 'grantId' | 'until'> & { readonly until: string };

export function openLiveCredentials(path: string): LiveCredentials {
  const kept = openKeptMap<Kept>(path);
  const revived = ([grantId, { until, ...rest }]: readonly [string, Kept]): LiveCredential => ({
    grantId,
    ...rest,
    until: new Date(until),
  });
  return {
    begun: ({ grantId, until, ...rest }) => kept.set(grantId, { ...rest, until: iso(until) }),
    over: (grantId) => kept.delete(grantId),
    find(grantId) {
      const known = kept.get(grantId);
      return known && revived([grantId, known]);
    },
    list: () => [...kept.entries()].map(revived),
  };
}
