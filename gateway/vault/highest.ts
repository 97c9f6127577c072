import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrivate, syncFolder, writePrivate } from '#lib/process';

/** The highest head that this copy has seen. Lower ones are refused, also after a restart. */
export interface HighestHead {
  /** As of the opening; 0 for none yet. */
  readonly seen: number;
  keep(seq: number): Promise<void>;
}

const FILE = 'head.json';

/** Null where the file is lost or says no number: the copy does not know what it has seen. */
export function openHighestHead(directory: string): HighestHead | null {
  const path = join(directory, FILE);
  const seen = seqIn(readPrivate(path));
  if (seen === null) return null;
  return {
    seen,
    async keep(seq) {
      await writeFile(`${path}.new`, JSON.stringify({ seq }), { mode: 0o600, flush: true });
      await rename(`${path}.new`, path);
      syncFolder(directory);
    },
  };
}

export const makeHighestHead = (directory: string): void =>
  writePrivate(join(directory, FILE), JSON.stringify({ seq: 0 }));

function seqIn(text: string | null): number | null {
  try {
    const { seq } = JSON.parse(text ?? '') as { readonly seq?: unknown };
    return typeof seq === 'number' && Number.isSafeInteger(seq) ? seq : null;
  } catch {
    return null;
  }
}
