import { openJournal } from '#lib/process';

/** A freeze as its row said when the warden first saw it. */
export interface SeenFreeze {
  readonly id: string;
  readonly humanId: string;
  readonly reason: string;
  readonly begunAt: Date;
}

/** Every freeze the warden ever saw, beside the database: whoever takes the row away has ended nothing (P9). */
export interface SeenFreezes {
  /** On disk before it returns. Once, however often it is seen. */
  note(freeze: SeenFreeze): void;
  list(): readonly SeenFreeze[];
}

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
