import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { readPrivate, syncFolder, writeAll, writePrivate } from './private-file';

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
      append(path, `${entry}\n`);
      entries.add(entry);
    },
    list: () => [...entries],
  };
}

/**
 * What stands behind the last newline was cut off while it was written, and nobody
 * was told that it is there. It is taken away: the next line would be glued to it.
 */
function wholeLines(path: string): string[] {
  const text = readPrivate(path) ?? '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) writePrivate(path, whole);
  return whole.split('\n').filter((line) => line !== '');
}

function append(path: string, line: string): void {
  const file = openSync(path, 'a', 0o600);
  const sizeBytes = fstatSync(file).size;
  try {
    writeAll(file, Buffer.from(line));
    fsyncSync(file);
  } catch (error) {
    // A disk that was full for half of it keeps no half.
    ftruncateSync(file, sizeBytes);
    throw error;
  } finally {
    closeSync(file);
  }
  if (sizeBytes === 0) syncFolder(dirname(path));
}
