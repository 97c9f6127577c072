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

/** Lines that say nothing any more, before the file is written anew. */
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
  if (before.length - entries.size > MOST_DEAD)
    writePrivate(path, [...entries].map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  return {
    get: (key) => entries.get(key),
    has: (key) => entries.has(key),
    set(key, value) {
      appendLine(path, JSON.stringify([key, value]));
      entries.set(key, value);
    },
    delete(key) {
      if (!entries.has(key)) return;
      appendLine(path, JSON.stringify([key]));
      entries.delete(key);
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
    `${path} was written by another version. Begin a new installation, or start the version that wrote it.`,
  );
}
