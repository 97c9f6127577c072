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
const { appendLine, wholeLines } = await import('./lines');
const { readPrivate, writePrivate } = await import('./private-file');

let path: string;
beforeEach(() => {
  disk = null;
  path = join(mkdtempSync(join(tmpdir(), 'lines-')), 'entries.log');
});

test('What was added is there for the next who opens it, in order, readable by its owner only', () => {
  expect(wholeLines(path)).toEqual([]);
  for (const line of ['b', 'a b', 'ü', 'b']) appendLine(path, line);
  expect(wholeLines(path)).toEqual(['b', 'a b', 'ü', 'b']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each(['half', 'a line that only lacks its end', 'ü'.repeat(3_000)])(
  'A line that a crash cut off is none, and the next is not glued to it: %s',
  (torn) => {
    appendLine(path, 'first');
    appendFileSync(path, torn);
    expect(wholeLines(path)).toEqual(['first']);
    appendLine(path, 'second');
    expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
    expect(wholeLines(path)).toEqual(['first', 'second']);
  },
);

test('A file that holds nothing but a torn line begins again', () => {
  appendFileSync(path, 'half');
  expect(wholeLines(path)).toEqual([]);
  appendLine(path, 'first');
  expect(readFileSync(path, 'utf8')).toBe('first\n');
});

test('A disk that is full for half of it keeps no half, and who added it is told', () => {
  appendLine(path, 'first');
  disk = (_, from) => {
    if (from > 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    return 3;
  };
  expect(() => appendLine(path, 'second')).toThrow('full');
  expect(readFileSync(path, 'utf8')).toBe('first\n');
  disk = null;
  appendLine(path, 'third');
  expect(wholeLines(path)).toEqual(['first', 'third']);
});

test('A disk that takes little at a time gets all of it', () => {
  disk = () => 2;
  appendLine(path, 'a longer line');
  expect(wholeLines(path)).toEqual(['a longer line']);
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
