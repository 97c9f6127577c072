import { appendFileSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';

/** What the disk does to the next writes; null: what it does. */
let disk: ((bytes: Uint8Array, from: number) => number) | null = null;
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return {
    ...real,
    writeSync: (file: number, bytes: Uint8Array, from = 0) => {
      const most = disk?.(bytes, from) ?? bytes.length - from;
      return real.writeSync(file, bytes, from, most);
    },
  };
});
const { openJournal } = await import('./journal');
const { readPrivate, writePrivate } = await import('./private-file');

let path: string;
beforeEach(() => {
  disk = null;
  path = join(mkdtempSync(join(tmpdir(), 'journal-')), 'entries.log');
});

test('What was added is there for the next who opens it, in order, readable by its owner only', () => {
  const journal = openJournal(path);
  expect([journal.list(), journal.has('a')]).toEqual([[], false]);
  for (const entry of ['b', 'a b', 'ü']) journal.add(entry);
  expect(openJournal(path).list()).toEqual(['b', 'a b', 'ü']);
  expect([journal.has('a b'), openJournal(path).has('ü')]).toEqual([true, true]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each(['half', 'a line that only lacks its end', 'ü'.repeat(3_000)])(
  'A line that a crash cut off is none, and the next is not glued to it: %s',
  (torn) => {
    openJournal(path).add('first');
    appendFileSync(path, torn);
    const journal = openJournal(path);
    expect(journal.list()).toEqual(['first']);
    journal.add('second');
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
    expect(openJournal(path).list()).toEqual(['first', 'second']);
  },
);

test('A file that holds nothing but a torn line begins again', () => {
  appendFileSync(path, 'half');
  openJournal(path).add('first');
  expect(readFileSync(path, 'utf8')).toBe('first\n');
});

test('A disk that is full for half of it keeps no half, and who added it is told', () => {
  const journal = openJournal(path);
  journal.add('first');
  disk = (_, from) => {
    if (from > 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    return 3;
  };
  expect(() => journal.add('second')).toThrow('full');
  expect([journal.has('second'), readFileSync(path, 'utf8')]).toEqual([false, 'first\n']);
  disk = null;
  journal.add('third');
  expect(openJournal(path).list()).toEqual(['first', 'third']);
});

test('A disk that takes little at a time gets all of it', () => {
  disk = () => 2;
  openJournal(path).add('a longer line');
  expect(openJournal(path).list()).toEqual(['a longer line']);
});

test('A file that is replaced whole is whole, or the old one', () => {
  writePrivate(path, 'the old one');
  disk = () => 2;
  writePrivate(path, 'a longer new one');
  expect(readPrivate(path)).toBe('a longer new one');
  disk = () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  };
  expect(() => writePrivate(path, 'never')).toThrow('full');
  expect(readPrivate(path)).toBe('a longer new one');
});
