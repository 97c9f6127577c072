import { appendLine, wholeLines } from './lines';

/** Entries that outlive the process and are never taken back. */
export interface Journal {
  has(entry: string): boolean;
  /** On disk before it returns; whole, or not at all. */
  add(entry: string): void;
  list(): readonly string[];
}

/** One entry a line, only ever added to: an attacker who owns the database can delete a row, not this line. */
export function openJournal(path: string): Journal {
  const entries = new Set(wholeLines(path));
  return {
    has: (entry) => entries.has(entry),
    add(entry) {
      appendLine(path, entry);
      entries.add(entry);
    },
    list: () => [...entries],
  };
}
