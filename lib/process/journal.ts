import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { readPrivate, syncFolder, writeAll } from './private-file';

/** Entries that outlive the process and are never taken back. */
export interface Journal {
  has(entry: string): boolean;
  /** On disk before it returns; whole, or not at all. */
  add(entry: string): void;
  list(): readonly string[];
}

/** One entry a line, only ever added to: an attacker who owns the database can delete a row, not this line. */
export function openJournal(path: string): Journal {
  const entries = new Set(wholeLines(readPrivate(path) ?? ''));
  return {
    has: (entry) => entries.has(entry),
    add(entry) {
      append(path, `${entry}\n`);
      entries.add(entry);
    },
    list: () => [...entries],
  };
}

/** What stands behind the last newline was cut off while it was written, and nobody was told that it is there. */
function wholeLines(text: string): string[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '');
}

function append(path: string, line: string): void {
  const file = openSync(path, 'a+', 0o600);
  try {
    const sizeBytes = cutTorn(file);
    try {
      writeAll(file, Buffer.from(line));
      fsyncSync(file);
    } catch (error) {
      // A disk that was full for half of it keeps no half: the next line would be glued to it.
      ftruncateSync(file, sizeBytes);
      throw error;
    }
    if (sizeBytes === 0) syncFolder(dirname(path));
  } finally {
    closeSync(file);
  }
}

/** Takes away what a crash left of a line. Returns the size after it. */
function cutTorn(file: number): number {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  let end = size;
  while (end > 0 && readSync(file, last, 0, 1, end - 1) === 1 && last[0] !== NEWLINE) end -= 1;
  if (end < size) ftruncateSync(file, end);
  return end;
}

const NEWLINE = 0x0a;
