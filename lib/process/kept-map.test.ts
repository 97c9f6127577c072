import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDated, openKeptMap, openMarks } from './kept-map';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, 'kept.log');
const open = (keep?: (value: number) => boolean) => openKeptMap<number>(path(), keep);
const lines = () => readFileSync(path(), 'utf8').split('\n').length - 1;

test('A kept map says after it is opened again what it said last', () => {
  const kept = open();
  kept.set('a', 1);
  kept.set('b', 2);
  kept.set('a', 3);
  kept.delete('b');
  kept.delete('never');
  expect(Object.fromEntries(kept.entries())).toEqual({ a: 3 });
  expect(lines()).toBe(4);
  const again = open();
  expect([again.get('a'), again.get('b')]).toEqual([3, undefined]);
  // The same line as one before, and it is the last that counts.
  again.set('a', 1);
  expect(open().get('a')).toBe(1);
});

test('A line that was cut off says nothing, and the next is whole', () => {
  open().set('a', 1);
  appendFileSync(path(), '["a",2');
  expect(open().get('a')).toBe(1);
  open().set('b', 2);
  expect(Object.fromEntries(open().entries())).toEqual({ a: 1, b: 2 });
});

test('The file is written anew once most of it says nothing, without what does not matter any more', () => {
  const kept = open();
  for (let n = 0; n <= 900; n += 1) kept.set('a', n);
  kept.set('b', -1);
  expect(lines()).toBe(902);
  for (let n = 0; n <= 105; n += 1) kept.set('c', n);
  expect(lines()).toBeLessThan(10);
  const again = open((value) => value >= 0);
  expect(Object.fromEntries(again.entries())).toEqual({ a: 900, c: 105 });
  expect(open().get('a')).toBe(900);
});

test.each(['minted grn_1 2027-01-01', '{"over":"grn_1"}', '[1,2]'])(
  'A file of another version is refused in a sentence: %s',
  (line) => {
    appendFileSync(path(), `${line}\n`);
    expect(() => open()).toThrow(/kept\.log holds a line that this version cannot read/);
  },
);

test('What is forgotten stays in the file until that is opened without it', () => {
  const kept = open();
  kept.set('a', 1);
  kept.forget('a');
  expect([kept.get('a'), lines(), open().get('a'), open((value) => value > 1).get('a')]).toEqual([
    undefined,
    1,
    1,
    undefined,
  ]);
});

test('A mark is noted once, and stays', () => {
  const marks = openMarks(path());
  marks.add('a b');
  marks.add('a b');
  expect([marks.has('a b'), marks.has('a'), openMarks(path()).has('a b'), lines()]).toEqual([true, false, true, 1]);
});

test('Many are set with one line each, or none of them where the disk takes no more', () => {
  const kept = open();
  kept.setAll([
    ['a', 1],
    ['b', 2],
  ]);
  kept.setAll([]);
  expect(Object.fromEntries(open().entries())).toEqual({ a: 1, b: 2 });
  expect(lines()).toBe(2);
});

describe('A dated map', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());
  const hours = (count: number): void => void vi.setSystemTime(Date.now() + count * 3_600_000);
  const dated = () => openDated<string>(path(), 2 * 3_600_000);

  test('forgets what was set so long ago, whether it was opened again since or not', () => {
    const kept = dated();
    kept.set('a', 'first');
    hours(1.5);
    kept.setAll([
      ['b', 'second'],
      ['c', 'third'],
    ]);
    expect([...kept.keys()]).toEqual(['a', 'b', 'c']);
    hours(1);
    expect(dated().get('a')).toBeUndefined();
    kept.set('d', 'fourth');
    expect([...kept.keys()]).toEqual(['b', 'c', 'd']);
    expect([...dated().keys()]).toEqual(['b', 'c', 'd']);
  });

  test('takes lines of an earlier version for new ones', () => {
    open().set('a', 7);
    expect(openDated<number>(path(), 3_600_000).get('a')).toBe(7);
    hours(2);
    expect(openDated<number>(path(), 3_600_000).get('a')).toBeUndefined();
  });

  test('Marks stand for as long, and without a time for ever', () => {
    openMarks(path(), 3_600_000).add('x', 'y', 'x');
    expect(lines()).toBe(2);
    hours(2);
    expect(openMarks(path(), 3_600_000).has('x')).toBe(false);
    expect(openMarks(path()).has('x')).toBe(true);
  });
});
