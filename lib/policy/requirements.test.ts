import { describe, expect, test } from 'vitest';
import { TargetConfig } from '#lib/targets';
import { requirementsOf, type Seen } from './index';

/*
 * The cast: one Railway account whose owner calls it staging, though production
 * lives in it too; a repository host, which knows few environments; and a
 * provider nobody knows; a database; and a service of their own in production.
 */
const UPSTREAM = {
  environment: 'staging',
  soleOwnerMayApprove: false,
  maxTtlSeconds: 3_600,
  url: 'https://api.example/',
  secretIn: { place: 'bearer' },
  opens: [],
  closes: [],
  privateNetwork: false,
  maxBodyBytes: 1_048_576,
  outageSeconds: 60,
  refuseUnknown: false,
};
const graphql = { ...UPSTREAM, kind: 'graphql', schemaHash: 'A'.repeat(43) };
const railway = TargetConfig.parse({ ...graphql, name: 'railway', profile: 'railway' });
const github = TargetConfig.parse({ ...UPSTREAM, kind: 'http', name: 'github', profile: 'github-rest' });
const stranger = TargetConfig.parse({ ...graphql, name: 'stranger', profile: 'generic-graphql' });

const books = TargetConfig.parse({
  kind: 'postgres',
  name: 'books',
  environment: 'staging',
  soleOwnerMayApprove: false,
  maxTtlSeconds: 3_600,
  host: 'db.example',
  port: 5432,
  database: 'books',
  user: 'broker',
  tls: 'verify-full',
  schemas: ['public'],
  restReads: [],
  countRows: true,
});
const deploys = TargetConfig.parse({
  kind: 'token',
  name: 'deploys',
  environment: 'production',
  soleOwnerMayApprove: false,
  maxTtlSeconds: 3_600,
  audience: 'https://deploys.example',
  resources: ['deploy/*'],
  verbs: ['start', 'stop'],
  destructiveVerbs: ['stop'],
  introspected: true,
  serviceTokenHash: 'A'.repeat(43),
});

const seen = (environment: string | null, subject: string | null = null): Seen => ({ environment, subject });
const asks = (resources: string[], verbs: string[]) => ({ resources, verbs });

const DELETION = asks(['volume/vol_1'], ['delete']);
const BOTH = asks(['volume/vol_prod', 'volume/vol_stag'], ['delete', 'update']);
const READ = asks(['project/prj_1'], ['read']);
const SECRETS = asks(['variable/env_1'], ['read']);

describe('What a request takes', () => {
  test.each([
    ['nobody has looked yet: the least it may take', railway, DELETION, null, 'any', 2],
    ['the provider says staging', railway, DELETION, seen('staging'), 'any', 2],
    ['the provider says production', railway, DELETION, seen('Production'), 'hardware', 5],
    ['two changes at once, one of them looked up: nobody knows where', railway, BOTH, seen(null), 'hardware', 5],
    ['an id that could not be looked up', railway, DELETION, seen(null), 'hardware', 5],
    ['a grant for one id, which nobody looks up', railway, asks(['volume/vol_1'], ['update']), {}, 'hardware', 4],
    ['a grant for all of a kind', railway, asks(['service/*'], ['update']), {}, 'hardware', 4],
    [
      'changing only, where the provider says staging',
      railway,
      asks(['volume/1'], ['update']),
      seen('staging'),
      'any',
      1,
    ],
    [
      'changing and deleting: the worse counts',
      railway,
      asks(['volume/1'], ['update', 'delete']),
      seen('staging'),
      'any',
      2,
    ],
    ['secrets of nobody knows which environment', railway, SECRETS, seen(null), 'hardware', 4],
    ['only what is safe', railway, READ, seen(null), 'any', 0],
    ['a provider of few environments', github, asks(['repo/acme/site'], ['delete']), seen(null), 'any', 2],
    ['a provider nobody can ask', stranger, asks(['mutation/rename'], ['run']), seen(null), 'any', 1],
    ['reading a table', books, asks(['table/public.a'], ['select']), {}, 'any', 0],
    ['writing a table', books, asks(['table/public.a'], ['select', 'insert']), {}, 'any', 1],
    ['deleting rows', books, asks(['table/public.a'], ['select', 'delete']), {}, 'any', 2],
    ['a verb of a service', deploys, asks(['deploy/api'], ['start']), {}, 'hardware', 4],
    ['a verb of a service that destroys', deploys, asks(['deploy/api'], ['stop']), {}, 'hardware', 5],
    [
      'what its owner calls production',
      { ...stranger, environment: 'production' },
      asks(['mutation/rename'], ['run']),
      seen(null),
      'hardware',
      4,
    ],
  ])('%s', (_case, target, ask, preview, keyClass, danger) => {
    expect(requirementsOf(target as TargetConfig, ask, preview)).toMatchObject({ keyClass, danger });
  });

  test.each([
    ['the name of the thing, where the provider told it', DELETION, seen('staging', 'postgres-data'), 'postgres-data'],
    ['its id, where it has no name', DELETION, seen('staging'), 'vol_1'],
    ['the target’s name for several', BOTH, seen('staging'), 'railway'],
    ['the target’s name for all of a kind, and never a star', asks(['token/*'], ['create']), seen(null), 'railway'],
    ['nothing for what only changes', asks(['volume/vol_1'], ['update']), seen('staging'), null],
  ])('has typed %s', (_what, ask, preview, confirm) => {
    expect(requirementsOf(railway, ask, preview).confirm).toBe(confirm);
  });
});
