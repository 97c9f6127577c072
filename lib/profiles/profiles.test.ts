import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  GRAPHQL_PROFILES,
  type GraphqlProfile,
  graphqlProfile,
  HTTP_PROFILES,
  httpProfile,
  OPERATION_CLASSES,
  pairsOf,
  profileHash,
  profileOf,
} from './index';
import { railway } from './railway/profile';
import type { ProfileName } from './registry';

const NAMES: readonly ProfileName[] = [...GRAPHQL_PROFILES, ...HTTP_PROFILES];

afterEach(() => {
  vi.doUnmock('./railway/profile');
  vi.resetModules();
});

/** The hash a Railway profile with this change would have. */
async function hashWith(change: Partial<GraphqlProfile>): Promise<string> {
  vi.resetModules();
  vi.doMock('./railway/profile', () => ({ railway: { ...railway, ...change } }));
  const registry = await import('./registry');
  return registry.profileHash('railway');
}

describe('The profiles', () => {
  test.each(NAMES)('%s is found under its own name', (name) => {
    expect(profileOf(name).name).toBe(name);
    expect(profileOf(name).version).toBeGreaterThanOrEqual(1);
  });

  test('are of the kind their target is of', () => {
    for (const name of GRAPHQL_PROFILES) expect(graphqlProfile(name).kind).toBe('graphql');
    for (const name of HTTP_PROFILES) expect(httpProfile(name).kind).toBe('http');
  });

  test.each(NAMES)('%s uses the five classes and no other', (name) => {
    for (const { class: klass } of pairsOf(profileOf(name))) expect(OPERATION_CLASSES).toContain(klass);
  });

  test.each(['generic-graphql', 'generic-http'] as const)(
    '%s knows nothing, so nothing passes at rest (P7)',
    (name) => {
      expect(pairsOf(profileOf(name))).toEqual([]);
    },
  );
});

describe('The hash of a profile', () => {
  test('tells one from another', () => {
    expect(new Set(NAMES.map(profileHash)).size).toBe(NAMES.length);
  });

  test('is the same for the same rules, wherever it is worked out', async () => {
    expect(await hashWith({})).toBe(profileHash('railway'));
    const reversed = Object.fromEntries(Object.entries(railway.query).reverse());
    expect(await hashWith({ query: reversed, harmless: new Set([...railway.harmless].reverse()) })).toBe(
      profileHash('railway'),
    );
  });

  test.each<[string, Partial<GraphqlProfile>]>([
    ['a class', { mutation: { ...railway.mutation, volumeDelete: ['write', 'volume', 'delete', 'volumeId'] } }],
    ['an id', { mutation: { ...railway.mutation, volumeDelete: ['destructive', 'volume', 'delete'] } }],
    ['a rule left out', { nested: {} }],
    ['the suspicion', { suspicious: /token/ }],
    ['how the suspicion reads', { suspicious: new RegExp(railway.suspicious.source) }],
    ['an excuse', { harmless: new Set([...railway.harmless, 'User.email']) }],
    ['what is looked up', { resolvers: {} }],
    ['the version', { version: railway.version + 1 }],
  ])(
    'is another one after a change of %s: what was approved under the old rules is not approved',
    async (_what, change) => {
      expect(await hashWith(change)).not.toBe(profileHash('railway'));
    },
  );
});
