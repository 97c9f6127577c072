import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { expect, test } from 'vitest';

interface Rule {
  readonly name: string;
  readonly to?: { readonly path?: string | readonly string[] };
}

const DECISIONS = readdirSync('docs/decisions').map((name) => `docs/decisions/${name}`);
const SECTIONS = ['What', 'Why', 'Weighed', 'Costs'];

/** The orders that the rules `<room>-order-<module>` enforce: each rule forbids a module all that stand right of it. */
function enforcedOrders(rules: readonly Rule[]): string[][] {
  const rooms = new Map<string, string[]>();
  for (const { name, to } of rules) {
    const [, room, module] = /^([\w-]+)-order-([\w-]+)$/.exec(name) ?? [];
    if (room === undefined || module === undefined) continue;
    const right = /\(\?:([\w|-]+)\)/.exec(String(to?.path))?.[1]?.split('|') ?? [];
    if (!rooms.has(room)) rooms.set(room, [module, ...right]);
    const order = rooms.get(room) ?? [];
    expect(right, name).toEqual(order.slice(order.indexOf(module) + 1));
  }
  return [...rooms.values()];
}

/** What a document writes as `a < b < c`, over several lines too. */
const writtenOrders = (text: string): string[][] =>
  [...text.replaceAll('`', '').matchAll(/[a-z][\w-]*(?:\s*<\s*[a-z][\w-]*){2,}/g)].map(([chain]) =>
    chain.split(/\s*<\s*/),
  );

const { forbidden } = createRequire(import.meta.url)(resolve('.dependency-cruiser.cjs')) as { forbidden: Rule[] };

test('ARCHITECTURE.md writes down the module orders that the cruise enforces, and no other', () => {
  const enforced = enforcedOrders(forbidden);
  expect(enforced.flat().length).toBeGreaterThan(10);
  expect(writtenOrders(readFileSync('ARCHITECTURE.md', 'utf8')).sort()).toEqual(enforced.sort());
});

test('An order that differs is noticed, and so is one that is written over two lines', () => {
  const rule = (name: string, right: string): Rule => ({
    name: `lib-order-${name}`,
    to: { path: `^lib/(?:${right})/` },
  });
  expect(enforcedOrders([rule('text', 'core|db'), rule('core', 'db')])).toEqual([['text', 'core', 'db']]);
  expect(writtenOrders('lib: text < core\n  < db, and `a` < `b`.')).toEqual([['text', 'core', 'db']]);
});

test('Every decision has its number, a title, and says what, why, what else was weighed and what it costs', () => {
  expect(DECISIONS.length).toBeGreaterThan(15);
  for (const path of DECISIONS) {
    const text = readFileSync(path, 'utf8');
    expect(text.split('\n')[0], path).toMatch(new RegExp(`^# ${basename(path).slice(0, 4)} \\S.{5,}$`));
    for (const section of SECTIONS)
      expect(text, `${path}: ${section}`).toMatch(new RegExp(`^\\*\\*${section}\\.\\*\\* \\S`, 'm'));
  }
});

test('No two decisions have one number', () => {
  const numbers = DECISIONS.map((path) => basename(path).slice(0, 4));
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('README.md has at most 150 lines', () => {
  expect(readFileSync('README.md', 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});
