import { appendFileSync, closeSync, fsyncSync, openSync } from 'node:fs';
import { readPrivate } from './private-file';

/** Entries that outlive the process and are never taken back. */
export interface Journal {
  has(entry: string): boolean;
  /** On disk before it returns. */
  add(entry: string): void;
  list(): readonly string[];
}

/** One entry a line, only ever added to: an attacker who owns the database can delete a row, not this line. */
export function openJournal(path: string): Journal {
  const entries = new Set((readPrivate(path) ?? '').split('\n').filter((line) => line !== ''));
  return {
    has: (entry) => entries.has(entry),
    add(entry) {
      entries.add(entry);
      const file = openSync(path, 'a', 0o600);
      appendFileSync(file, `${entry}\n`);
      fsyncSync(file);
      closeSync(file);
    },
    list: () => [...entries],
  };
}
