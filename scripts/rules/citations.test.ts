import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { citedDecisions, citedNumbers, definedNumbers, isThere, namedTests } from './citations';
import { ownFiles } from './files';

const FILES = ownFiles();
const read = (path: string): string => readFileSync(path, 'utf8');
const threats = read('docs/threats.md');
const security = read('SECURITY.md');
const defined = [...definedNumbers(threats), ...definedNumbers(read('docs/principles.md'))];
const decisions = FILES.flatMap((path) => /^docs\/decisions\/(\d{4})-/.exec(path)?.[1] ?? []);

/** Put together, so that this file cites nothing that leads nowhere. */
const cite = (letter: 'T' | 'P', number: number): string => `${letter}${number}`;
const UNKNOWN = cite('T', defined.length + 1);
const NO_DECISION = String(9999);
const BACKWARDS = `T8 to ${cite('T', 5)}`;

/** What a text cites that no list defines. */
const unresolved = (text: string): string[] => [
  ...citedNumbers(text).filter((number) => !defined.includes(number)),
  ...citedDecisions(text).filter((number) => !decisions.includes(number)),
];

test('The lists define T1 to T93 and P1 to P9, without a gap and each once', () => {
  const upTo = (letter: 'T' | 'P', last: number): string[] =>
    Array.from({ length: last }, (_, index) => cite(letter, index + 1));
  expect(defined).toEqual([...upTo('T', 93), ...upTo('P', 9)]);
});

test('The walk sees code, tests, SQL and documents', () => {
  for (const path of ['lib/env.ts', 'scripts/rules/rules.test.ts', 'docs/operations.md', 'SECURITY.md'])
    expect(FILES).toContain(path);
  expect(FILES.some((path) => path.endsWith('.sql'))).toBe(true);
  expect(FILES.flatMap((path) => citedNumbers(read(path))).length).toBeGreaterThan(300);
});

test('Every T-number, P-number and decision that is cited exists', () => {
  const broken = FILES.map((path) => [path, unresolved(read(path))] as const).filter(
    ([, numbers]) => numbers.length > 0,
  );
  expect(broken).toEqual([]);
});

test('A decision that cites another by its bare number cites one that exists', () => {
  const bare = FILES.filter((path) => path.startsWith('docs/decisions/')).flatMap((path) =>
    [...read(path).matchAll(/\((\d{4})\)/g)].map(([, number]) => number),
  );
  expect(bare.filter((number) => !decisions.includes(String(number)))).toEqual([]);
});

describe('A citation that leads nowhere is found', () => {
  test.each([
    ['in a comment', `/** Told apart (T1, ${UNKNOWN}). */`, [UNKNOWN]],
    ['at the end of a range', `T90 to ${UNKNOWN}`, [cite('T', 94), UNKNOWN].filter((n) => !defined.includes(n))],
    ['in the middle of a test’s name', `test('holds (${cite('P', 10)}, P5)'`, [cite('P', 10)]],
    ['in SQL', `-- Saying no is easy (${cite('P', 12)}).`, [cite('P', 12)]],
    ['in a link', `[${UNKNOWN}](docs/threats.md#t1)`, [UNKNOWN]],
    ['among decisions', `decision 0001 and decisions 0002, ${NO_DECISION}`, [NO_DECISION]],
    ['in a path', `docs/decisions/${NO_DECISION}`, [NO_DECISION]],
    ['over a line’s end', `see decision\n * ${NO_DECISION}`, [NO_DECISION]],
    ['in a range that runs backwards', BACKWARDS, [BACKWARDS]],
  ])('%s', (_where, text, expected) => expect(unresolved(text)).toEqual(expect.arrayContaining(expected)));

  test('and what is none is not', () => {
    const text = "'2026-01-01T10:00:00Z' `$" + '{day}T99:00` 1T99 HT99 P2002 P-256 migration 0099 (9999)';
    expect(unresolved(text)).toEqual([]);
  });

  test('A range counts with all between, also over a line’s end and as links', () => {
    expect(citedNumbers('T5 to T8')).toEqual(['T5', 'T6', 'T7', 'T8']);
    expect(citedNumbers('T49\n * to T51')).toEqual(['T49', 'T50', 'T51']);
    expect(citedNumbers('[T5](a#t5) to [T7](a#t7), T7')).toEqual(['T5', 'T6', 'T7']);
  });
});

describe('SECURITY.md', () => {
  const table = security.slice(security.indexOf('## Attacks and their tests'), security.indexOf('## What is not'));
  const rows = table.split('\n').filter((line) => /^\| \[?[TP]\d/.test(line));

  test('names no test file that is not there', () => {
    const named = namedTests(security);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((name) => !isThere(name, FILES))).toEqual([]);
    expect(
      ['warden/gateway/moved-away.test.ts', 'lib/nowhere/*.test.ts'].filter((name) => isThere(name, FILES)),
    ).toEqual([]);
  });

  test('has a test in every row, and its numbers lead to their entries', () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) {
      expect(namedTests(row), row).not.toEqual([]);
      const [, numbers = ''] = row.split('|');
      const links = [...numbers.matchAll(/\[([TP])(\d+)\]\(docs\/(threats|principles)\.md#([tp])(\d+)\)/g)];
      expect(links.length, row).toBe((numbers.match(/\[/g) ?? []).length);
      for (const [, letter, number, list, anchor, target] of links) {
        expect(`${list} ${letter?.toLowerCase()}${number}`).toBe(
          `${letter === 'T' ? 'threats' : 'principles'} ${anchor}${target}`,
        );
      }
    }
  });

  test('has a row for every threat but those that are marked open', () => {
    const open = threats
      .split(/^### /m)
      .slice(1)
      .filter((entry) => entry.includes('**Open**'))
      .map((entry) => entry.split('\n')[0] ?? '');
    const tried = rows
      .flatMap((row) => citedNumbers(row.split('|')[1] ?? ''))
      .filter((number) => number.startsWith('T'));
    expect([...new Set([...open, ...tried])].sort()).toEqual(defined.filter((n) => n.startsWith('T')).sort());
    expect(tried.filter((number) => open.includes(number))).toEqual([]);
  });
});
