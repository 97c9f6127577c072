import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/core';
import { reach } from './paths';

const world = {
  volume: {
    id: 'v1',
    name: null,
    parts: [
      { id: 'p1', env: { name: 'production' } },
      { id: 'p2', env: null },
    ],
    none: [],
  },
} satisfies Json;

describe('A path', () => {
  test.each<[string, object]>([
    ['', { values: [world], dead: 0, known: true }],
    ['volume.id', { values: ['v1'], dead: 0, known: true }],
    ['volume.name', { values: [null], dead: 0, known: true }],
    ['volume.parts[].id', { values: ['p1', 'p2'], dead: 0, known: true }],
    ['volume.parts[].env.name', { values: ['production'], dead: 1, known: true }],
    ['volume.none[].id', { values: [], dead: 0, known: true }],
    ['volume.name.first', { values: [], dead: 1, known: true }],
  ])('%s leads to what stands there', (path, reached) => {
    expect(reach(world, path)).toEqual(reached);
  });

  test.each([
    'volume.nothing',
    'volume.id.length',
    'volume.parts.id',
    'volume.parts.0.id',
    'volume.id[]',
    'volume.parts[].nothing',
    'volume[]',
    'volume.name[]',
    '__proto__',
    'volume.constructor',
    'volume.toString',
    'volume..id',
    '.volume',
    'volume.',
    'volume[0].id',
    'volume.[]',
  ])('%s is not there, and that is no answer (P7)', (path) => {
    expect(reach(world, path).known).toBe(false);
  });

  test('may begin with a list', () => {
    expect(reach([{ id: 1 }, { id: 2 }], '[].id').values).toEqual([1, 2]);
    expect(reach([[1], [2, 3]], '[][]').values).toEqual([1, 2, 3]);
  });
});

const Key = fc.stringMatching(/^[A-Za-z_]\w{0,6}$/);
const AnyJson = fc.jsonValue() as fc.Arbitrary<Json>;

describe('Whatever a provider answers and a profile says', () => {
  test('following a path never throws, and what is not known has no values that count', () => {
    fc.assert(
      fc.property(
        AnyJson,
        fc.oneof(
          fc.string(),
          fc.array(Key).map((keys) => keys.join('.')),
        ),
        (value, path) => {
          const reached = reach(value, path);
          expect(Array.isArray(reached.values)).toBe(true);
          expect(reached.dead).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('a value put under a path is found there, in every element of the lists on the way', () => {
    const Step = fc.record({ key: Key, lists: fc.integer({ min: 0, max: 2 }) });
    fc.assert(
      fc.property(
        fc.array(Step, { minLength: 1, maxLength: 5 }),
        AnyJson,
        fc.integer({ min: 1, max: 3 }),
        (steps, leaf, size) => {
          const wrap = (inside: Json, lists: number): Json =>
            lists === 0 ? inside : Array.from({ length: size }, () => wrap(inside, lists - 1));
          const value = steps.reduceRight<Json>((inside, { key, lists }) => ({ [key]: wrap(inside, lists) }), leaf);
          const path = steps.map(({ key, lists }) => key + '[]'.repeat(lists)).join('.');
          const { values, known } = reach(value, path);
          expect(known).toBe(true);
          expect(values).toEqual(
            Array.from({ length: size ** steps.reduce((sum, { lists }) => sum + lists, 0) }, () => leaf),
          );
        },
      ),
    );
  });
});
