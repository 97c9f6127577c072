import { describe, expect, test } from 'vitest';
import { TargetConfig } from '#lib/targets';
import { judge, type Seen } from './index';

/*
 * The cast: one Railway account whose owner calls it staging, though production
 * lives in it too; a repository host, which knows few environments; and a
 * provider nobody knows.
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
    ['secrets of nobody knows which environment', railway, SECRETS, seen(null), 'hardware', 4],
    ['only what is safe', railway, READ, seen(null), 'any', 0],
    ['a provider of few environments', github, asks(['repo/acme/site'], ['delete']), seen(null), 'any', 2],
    ['a provider nobody can ask', stranger, asks(['mutation/rename'], ['run']), seen(null), 'any', 1],
    [
      'what its owner calls production',
      { ...stranger, environment: 'production' },
      asks(['mutation/rename'], ['run']),
      seen(null),
      'hardware',
      4,
    ],
  ])('%s', (_case, target, ask, preview, keyClass, danger) => {
    expect(judge(target as TargetConfig, ask, preview)).toMatchObject({ keyClass, danger });
  });

  test.each([
    ['the name of the thing, where the provider told it', DELETION, seen('staging', 'postgres-data'), 'postgres-data'],
    ['its id, where it has no name', DELETION, seen('staging'), 'vol_1'],
    ['the target’s name for several', BOTH, seen('staging'), 'railway'],
    ['the target’s name for all of a kind, and never a star', asks(['token/*'], ['create']), seen(null), 'railway'],
    ['nothing for what only changes', asks(['volume/vol_1'], ['update']), seen('staging'), null],
  ])('has typed %s', (_what, ask, preview, confirm) => {
    expect(judge(railway, ask, preview).confirm).toBe(confirm);
  });
});
