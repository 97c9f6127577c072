import { openJournal } from '#lib/process';
import type { SeenFreeze, SeenFreezes } from './types';

/** One line of JSON a freeze. */
export function openSeenFreezes(path: string): SeenFreezes {
  const journal = openJournal(path);
  const seen = new Map(journal.list().map(read));
  return {
    note(freeze) {
      if (seen.has(freeze.id)) return;
      const { id, humanId, reason, begunAt } = freeze;
      journal.add(JSON.stringify({ id, humanId, reason, begunAt }));
      seen.set(id, freeze);
    },
    list: () => [...seen.values()],
  };
}

function read(line: string): readonly [string, SeenFreeze] {
  const freeze = JSON.parse(line) as SeenFreeze;
  return [freeze.id, { ...freeze, begunAt: new Date(freeze.begunAt) }];
}
