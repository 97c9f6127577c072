import { appendLine, wholeLines } from '#lib/process';
import type { ChainCopy, KeptEntry } from './types';

/** One line of JSON for each entry, in order. */
export function openChainCopy(path: string): ChainCopy {
  const read = (): KeptEntry[] => wholeLines(path).map((line, index) => entryAt(path, line, index + 1));
  let last = read().at(-1) ?? null;
  return {
    entries: read,
    last: () => last,
    add(entries) {
      const fresh = entries.filter(({ seq }) => seq > (last?.seq ?? 0));
      if (fresh.length === 0) return;
      appendLine(path, fresh.map((entry) => JSON.stringify(kept(entry))).join('\n'));
      last = fresh.at(-1) ?? last;
    },
  };
}

const kept = ({ seq, hash, kind, statement, assertion, createdAt }: KeptEntry): KeptEntry => ({
  ...{ seq, hash, kind, statement, assertion, createdAt },
});

function entryAt(path: string, line: string, seq: number): KeptEntry {
  const entry = parsed(line);
  if (entry?.seq !== seq) throw new Error(`${path} is broken at line ${seq}. Bring back the file as it was.`);
  return { ...entry, createdAt: new Date(entry.createdAt) };
}

function parsed(line: string): KeptEntry | null {
  try {
    return JSON.parse(line) as KeptEntry;
  } catch {
    return null;
  }
}
