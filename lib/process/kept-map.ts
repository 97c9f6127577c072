import { appendLine, wholeLines } from './lines';
import { writePrivate } from './private-file';

/** A map that outlives the process. Its values are JSON. */
export interface KeptMap<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  /** On disk before it returns, whole or not at all. */
  set(key: string, value: T): void;
  /** The same. One that is not there changes nothing. */
  delete(key: string): void;
  /** For what does not matter any more: `keep` drops it from the file. */
  forget(key: string): void;
  entries(): ReadonlyMap<string, T>;
}

/** Lines that say nothing any more, and as many as say something, before the file is written anew. */
const MOST_DEAD = 1_000;

/** One line of JSON for each change, `[key, value]` or `[key]`; the last for a key counts. `keep` says what still matters when the file is opened. */
export function openKeptMap<T>(path: string, keep: (value: T) => boolean = () => true): KeptMap<T> {
  const before = wholeLines(path);
  const entries = new Map<string, T>();
  for (const line of before) {
    const [key, value] = read<T>(path, line);
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  }
  for (const [key, value] of entries) if (!keep(value)) entries.delete(key);
  let lines = before.length;

  /** Only to keep the file short: where the disk is full it stays as it is. */
  function writeAnew(): void {
    if (lines - entries.size <= Math.max(MOST_DEAD, entries.size)) return;
    try {
      writePrivate(path, [...entries].map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      lines = entries.size;
    } catch {
      // Tried again after as many lines more.
      lines = entries.size;
    }
  }

  function append(...entry: readonly unknown[]): void {
    appendLine(path, JSON.stringify(entry));
    lines += 1;
  }

  writeAnew();
  return {
    get: (key) => entries.get(key),
    has: (key) => entries.has(key),
    set(key, value) {
      append(key, value);
      entries.set(key, value);
      writeAnew();
    },
    delete(key) {
      if (!entries.has(key)) return;
      append(key);
      entries.delete(key);
      writeAnew();
    },
    forget: (key) => void entries.delete(key),
    entries: () => entries,
  };
}

/** What was noted once and is never taken back. */
export interface Marks {
  has(mark: string): boolean;
  /** On disk before it returns. Once, however often it is noted. */
  add(mark: string): void;
}

export function openMarks(path: string): Marks {
  const kept = openKeptMap<true>(path);
  return {
    has: (mark) => kept.has(mark),
    add: (mark) => {
      if (!kept.has(mark)) kept.set(mark, true);
    },
  };
}

function read<T>(path: string, line: string): [string, T?] {
  try {
    const entry: unknown = JSON.parse(line);
    if (Array.isArray(entry) && typeof entry[0] === 'string') return entry as [string, T?];
  } catch {
    // Said below.
  }
  throw new Error(
    `${path} holds a line that this version cannot read. Bring back the file as it was, or start the version that wrote it.`,
  );
}
