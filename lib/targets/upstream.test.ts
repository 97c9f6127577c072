import { describe, expect, test } from 'vitest';
import { type GraphqlConfig, HttpConfig } from './config';
import { type Ask, Operation } from './operation';
import { checkUpstream } from './upstream';

const http = {
  kind: 'http',
  name: 'forge',
  environment: 'production',
  soleOwnerMayApprove: false,
  maxTtlSeconds: 3_600,
  url: 'https://api.example/',
  secretIn: { place: 'bearer' },
  profile: 'generic-http',
  opens: [],
  closes: [],
  privateNetwork: false,
  maxBodyBytes: 1_048_576,
  outageSeconds: 60,
  refuseUnknown: false,
};
const railway = {
  ...http,
  kind: 'graphql',
  name: 'railway',
  profile: 'railway',
  schemaHash: 'A'.repeat(43),
} as unknown as GraphqlConfig;

const ask = (more: Partial<Ask>): Ask => ({
  resources: ['volume/3d2c'],
  verbs: ['update'],
  ttlSeconds: 600,
  maxUses: null,
  operation: null,
  ...more,
});

describe('What an owner opens and closes by path', () => {
  test.each([
    ['query me', true],
    ['GET /', true],
    ['GET /**', true],
    ['HEAD /v1/{id}/parts', true],
    ['GET /v1/projects/{id}/**', true],
    ['GET /v1/*', false],
    ['GET /v1/**/secrets', false],
    ['GET /v1/a%2Fb', false],
    ['GET /v1?x=1', false],
    ['GET /v1#x', false],
    ['GET //v1', false],
    ['GET v1', false],
    ['POST /v1', false],
    ['mutation drop', false],
    ['query me { id }', false],
  ])('%s can mean something: %s. What fits no path would silently close nothing', (pattern, means) => {
    for (const list of ['opens', 'closes'])
      expect(HttpConfig.safeParse({ ...http, [list]: [pattern] }).success).toBe(means);
  });
});

describe('What may be asked of a provider', () => {
  test.each([
    ['a pair the profile has', {}, []],
    ['a kind it does not have', { resources: ['spaceship/1'] }, ['/resources/0', '/verbs/0']],
    ['a verb it does not have for that', { verbs: ['fly'] }, ['/resources/0', '/verbs/0']],
    ['one resource beside it that no verb fits', { resources: ['volume/1', 'spaceship/1'] }, ['/resources/1']],
    ['a resource that is none', { resources: ['volume/../x'] }, ['/resources/0']],
    ['an exact operation more than once', { operation: one('{ me { id } }'), maxUses: 2 }, ['/maxUses']],
    ['an operation of another kind', { operation: { method: 'GET', path: '/' } as never }, ['/operation']],
  ])('%s', (_name, more, pointers) => {
    const errors = checkUpstream(railway, ask({ ...more, maxUses: 'maxUses' in more ? (more.maxUses ?? null) : null }));
    expect(errors.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(pointers));
    if (pointers.length === 0) expect(errors).toEqual([]);
  });

  test('What mints credentials or turns protections off is never part of a grant, only exact (T31)', () => {
    const escalating = { resources: ['token/*'], verbs: ['create'] };
    expect(checkUpstream(railway, ask(escalating))).not.toEqual([]);
    const operation = one('mutation { apiTokenCreate(input: { name: "x" }) }');
    expect(checkUpstream(railway, ask({ ...escalating, operation }))).toEqual([]);
  });
});

function one(query: string): Ask['operation'] {
  return Operation.parse({ query, variables: {} });
}
