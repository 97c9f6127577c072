import { appendLine, wholeLines } from './lines';
import { writePrivate } from './private-file';

/** A map that outlives the process. Its values are JSON. */
export interface KeptMap<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  /** On disk before it returns, whole or not at all. */
  set(key: string, value: T): void;
  /** The same for many, with one wait for the disk. */
  setAll(entries: ReadonlyArray<readonly [key: string, value: T]>): void;
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

  function append(fresh: ReadonlyArray<readonly unknown[]>): void {
    if (fresh.length === 0) return;
    appendLine(path, fresh.map((entry) => JSON.stringify(entry)).join('\n'));
    lines += fresh.length;
  }

  function setAll(fresh: ReadonlyArray<readonly [string, T]>): void {
    append(fresh);
    for (const [key, value] of fresh) entries.set(key, value);
    writeAnew();
  }

  writeAnew();
  return {
    get: (key) => entries.get(key),
    has: (key) => entries.has(key),
    set: (key, value) => setAll([[key, value]]),
    setAll,
    delete(key) {
      if (!entries.has(key)) return;
      append([[key]]);
      entries.delete(key);
      writeAnew();
    },
    forget: (key) => void entries.delete(key),
    entries: () => entries,
  };
}

/** A map whose values say nothing any more some time after they were set. */
export interface Dated<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  /** On disk before it returns, with one wait for the disk. */
  setAll(entries: ReadonlyArray<readonly [key: string, value: T]>): void;
  keys(): Iterable<string>;
}

/** Kept for so long after it was set, by this host's clock, and then dropped from memory and in time from the file. */
export function openDated<T>(path: string, keptMs: number): Dated<T> {
  type Entry = readonly [value: T, at: number];
  const isKept = (entry: Entry): boolean => !Array.isArray(entry) || entry[1] > Date.now() - keptMs;
  const kept = openKeptMap<Entry>(path, isKept);

  function setAll(fresh: ReadonlyArray<readonly [string, T]>): void {
    // They stand in the order in which they came.
    for (const [key, entry] of kept.entries()) {
      if (isKept(entry)) break;
      kept.forget(key);
    }
    kept.setAll(fresh.map(([key, value]) => [key, [value, Date.now()]]));
  }

  // Lines of earlier versions say no time.
  const undated = [...kept.entries()].filter(([, entry]) => !Array.isArray(entry));
  setAll(undated.map(([key, value]) => [key, value as unknown as T]));
  return {
    get: (key) => kept.get(key)?.[0],
    set: (key, value) => setAll([[key, value]]),
    setAll,
    keys: () => kept.entries().keys(),
  };
}

/** What was noted once and is not taken back. */
export interface Marks {
  has(mark: string): boolean;
  /** On disk before it returns, with one wait for the disk. Once, however often it is noted. */
  add(...marks: readonly string[]): void;
}

/** For ever, or for so long. */
export function openMarks(path: string, keptMs = Number.POSITIVE_INFINITY): Marks {
  const kept = openDated<true>(path, keptMs);
  return {
    has: (mark) => kept.get(mark) === true,
    add: (...marks) => {
      const fresh = [...new Set(marks)].filter((mark) => kept.get(mark) === undefined);
      kept.setAll(fresh.map((mark) => [mark, true]));
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
