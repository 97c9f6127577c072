import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Act,
  isUpstreamResource,
  OPERATION_CLASSES,
  type OperationClass,
  scopeCovers,
  scopeOf,
  worstClass,
} from './index';
import { coversResource } from './scope';

const act = (resource: string, verb: string, more: Partial<Act> = {}): Act => ({
  operation: 'mutation volumeUpdate',
  class: 'write',
  resource,
  verb,
  why: 'it changes something.',
  ...more,
});

const kind = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const part = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._:@+=~-]{0,11}$/);
const thing = fc
  .tuple(kind, fc.array(part, { minLength: 1, maxLength: 3 }))
  .map(([type, parts]) => `${type}/${parts.join('/')}`)
  .filter(isUpstreamResource);
const pattern = fc.oneof(
  thing,
  kind.map((type) => `${type}/*`),
  thing.map((one) => `${one}/*`),
);
const verb = fc.constantFrom('read', 'update', 'delete', 'redeploy');
const level = fc.constantFrom(...OPERATION_CLASSES);

describe('A resource', () => {
  test.each([
    'volume/3d2c',
    'service/*',
    'repo/acme/web',
    'repo/acme/*',
    'dns-record/example.com',
    'path/v1/users/17',
    'x/_a',
  ])('%s can be asked for', (text) => expect(isUpstreamResource(text)).toBe(true));

  test.each([
    '',
    '*',
    '/',
    '/*',
    'volume',
    'volume/',
    'Volume/x',
    '1volume/x',
    'volume/x*',
    'volume/*/x',
    'volume/**',
    'volume/x/**',
    '*/x',
    'volume//x',
    'volume/x/',
    'volume/./x',
    'volume/../x',
    'volume/x/..',
    'volume/.x',
    'volume/x y',
    'volume/x\n',
    'volume/x\0',
    'volume/x%2fy',
    'volume/x\\y',
    'volume/х', // Cyrillic
    'volume/x\u200b',
    'volume/x?y=1',
    'volume/x#y',
    'volume/x,y',
    `volume/${'x'.repeat(201)}`,
    `${'v'.repeat(33)}/x`,
  ])('%j is no resource: it could mean another thing elsewhere (T50)', (text) => {
    expect(isUpstreamResource(text)).toBe(false);
  });
});

describe('A pattern', () => {
  test.each<[string, string, boolean]>([
    ['volume/a', 'volume/a', true],
    ['volume/a', 'volume/b', false],
    ['volume/a', 'volume/ab', false],
    ['volume/a', 'volume/A', false],
    ['volume/a', 'volume/*', false],
    ['volume/*', 'volume/a', true],
    ['volume/*', 'volume/*', true],
    ['volume/*', 'volume-instance/a', false],
    ['volume/*', 'volumes/a', false],
    ['volume-instance/*', 'volume/a', false],
    ['repo/acme/*', 'repo/acme/web', true],
    ['repo/acme/*', 'repo/acme/web/main', true],
    ['repo/acme/*', 'repo/acme', false],
    ['repo/acme/*', 'repo/acme2/web', false],
    ['repo/acme/*', 'repo/*', false],
    ['repo/*', 'repo/acme/*', true],
  ])('%s takes in %s: %s', (wide, narrow, covers) => {
    expect(coversResource(wide, narrow)).toBe(covers);
  });

  test('that names one thing never takes in all of them, nor another', () => {
    fc.assert(
      fc.property(thing, pattern, (one, other) => {
        expect(coversResource(one, other)).toBe(one === other);
      }),
    );
  });

  test('never reaches another kind', () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        fc.pre(one.split('/')[0] !== other.split('/')[0]);
        expect(coversResource(one, other)).toBe(false);
      }),
    );
  });

  test('takes in itself, and all that is taken in by what it takes in', () => {
    fc.assert(
      fc.property(kind, part, part, (type, a, b) => {
        const ladder = [`${type}/*`, `${type}/${a}/*`, `${type}/${a}/${b}`];
        for (const [index, wide] of ladder.entries())
          for (const [other, narrow] of ladder.entries()) expect(coversResource(wide, narrow)).toBe(index <= other);
      }),
    );
  });
});

describe('A grant', () => {
  test.each<[string, Act, boolean]>([
    ['its verb on its thing', act('volume/a', 'update'), true],
    ['another verb on its thing', act('volume/a', 'delete', { class: 'destructive' }), false],
    ['its verb on another thing', act('volume/b', 'update'), false],
    ['its verb on all things of the kind', act('volume/*', 'update'), false],
    ['its verb on a kind it has all of', act('service/x', 'redeploy'), true],
    ['an escalating act in its very words', act('volume/a', 'update', { class: 'escalating' }), false],
    ['a destructive one in its words', act('volume/a', 'update', { class: 'destructive' }), true],
  ])('for volume/a and service/*, to update and redeploy: %s', (_what, what, covers) => {
    const scope = { resources: ['volume/a', 'service/*'], verbs: ['update', 'redeploy'] };
    expect(scopeCovers(scope, what)).toBe(covers);
  });

  test('lets nothing escalating through, whatever it says (T31)', () => {
    fc.assert(
      fc.property(fc.array(pattern), fc.array(verb), thing, verb, (resources, verbs, resource, does) => {
        const what = act(resource, does, { class: 'escalating' });
        expect(scopeCovers({ resources: [...resources, resource], verbs: [...verbs, does] }, what)).toBe(false);
      }),
    );
  });

  test('lets nothing through without the verb, or without the thing', () => {
    fc.assert(
      fc.property(fc.array(pattern), fc.array(verb), thing, verb, level, (resources, verbs, resource, does, klass) => {
        const what = act(resource, does, { class: klass });
        expect(scopeCovers({ resources: [], verbs }, what)).toBe(false);
        expect(scopeCovers({ resources, verbs: [] }, what)).toBe(false);
        if (!verbs.includes(does))
          expect(scopeCovers({ resources: [...resources, resource], verbs }, what)).toBe(false);
      }),
    );
  });

  test('that was asked for in the words of a refusal covers all of it but what escalates', () => {
    const acts = fc.array(fc.tuple(thing, verb, level), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(acts, (all) => {
        const classified = all.map(([resource, does, klass]) => act(resource, does, { class: klass }));
        const scope = scopeOf(classified);
        for (const one of classified) expect(scopeCovers(scope, one)).toBe(one.class !== 'escalating');
        expect(scopeOf([...classified].reverse())).toEqual(scope);
        expect(new Set(scope.resources).size).toBe(scope.resources.length);
      }),
    );
  });
});

describe('The worst of several classes', () => {
  test('is the one furthest to the right, and of none it is safe', () => {
    expect(worstClass([])).toBe('safe');
    fc.assert(
      fc.property(fc.array(level, { minLength: 1 }), (classes) => {
        const worst = worstClass(classes);
        expect(classes).toContain(worst);
        const rank = (one: OperationClass): number => OPERATION_CLASSES.indexOf(one);
        for (const one of classes) expect(rank(one)).toBeLessThanOrEqual(rank(worst));
      }),
    );
  });
});

test('the worst of very many is found: no call stack bounds how many there are (T68)', () => {
  const many = Array.from({ length: 300_000 }, () => 'safe' as const);
  expect(worstClass(many)).toBe('safe');
  expect(worstClass([...many, 'escalating', ...many])).toBe('escalating');
});
