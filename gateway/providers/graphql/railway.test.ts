import { buildSchema } from 'graphql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUpstreams, type Upstreams } from '#gateway/upstream';
import type { Preview } from '#lib/statement';
import { type CastUpstream, type Cloud, graphqlConfig, graphqlUpstream } from '#testing/provider';
import { deletion, exactly } from '#testing/upstream';
import { graphqlProvider } from './index';

/*
 * The profile of the story, over a cloud that speaks its words.
 */

let cloud: CastUpstream<Cloud>;
let upstreams: Upstreams;
beforeEach(async () => {
  cloud = await graphqlUpstream();
  upstreams = createUpstreams({ gatewayOrigin: 'http://localhost:3200', onLeak: () => undefined });
});
afterEach(async () => {
  await upstreams.close();
  await cloud.close();
});

function target() {
  const config = graphqlConfig(cloud.url);
  const upstream = upstreams.open(config, cloud.secret);
  return graphqlProvider({ upstream, schema: buildSchema(cloud.sdl) }, config);
}

const valuesIn = ({ found = [] }: Preview) => Object.fromEntries(found.map(({ label, values }) => [label, values]));

describe('Deleting a volume at Railway', () => {
  test('shows PRODUCTION and the three backups that would go along, whatever the agent believes (T33)', async () => {
    const seen = (await target().look(deletion())).preview;
    expect(seen).toMatchObject({ environment: 'production', subject: 'postgres-data' });
    expect(valuesIn(seen)).toMatchObject({
      Volume: ['postgres-data'],
      Project: ['rentals'],
      Environment: ['production'],
      'Attached to service': ['postgres'],
      'Backups that go with it': [
        'before migration (2026-11-21T14:30:00.000Z)',
        'nightly 20 (2026-11-20T02:00:00.000Z)',
        'nightly 21 (2026-11-21T02:00:00.000Z)',
      ],
    });
    expect(Object.values(valuesIn(seen))).not.toContain(null);
    expect(cloud.changes).toEqual([]);
  });

  test('runs where nothing that was approved has changed, and not where a backup came', async () => {
    const ask = deletion('vol_stag');
    const { preview } = await target().look(ask);
    const run = () => target().execute({ ask, preview, beforeSend: async () => undefined });
    cloud.world.backups.set('bak_9', { instanceId: 'ins_stag', name: 'new', createdAt: '2026-11-22T00:00:00.000Z' });
    await expect(run()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/Backups that go with it: was none, is new/),
    });
    expect(cloud.changes).toEqual([]);
    cloud.world.backups.delete('bak_9');
    expect(await run()).toMatchObject({ status: 200 });
    expect(cloud.changes).toEqual(['volumeDelete vol_stag']);
  });

  test('a volume that is attached to nothing is no mystery', async () => {
    const instance = cloud.world.instances.get('ins_stag');
    if (instance !== undefined) instance.serviceId = null;
    expect(valuesIn((await target().look(deletion('vol_stag'))).preview)).toMatchObject({
      'Attached to service': ['none'],
    });
  });

  test('minting a token is marked as what it is', async () => {
    const ask = exactly('mutation {\n  apiTokenCreate(input: {name: "ci"})\n}', {}, ['token/*'], ['create']);
    const seen = (await target().look(ask)).preview;
    expect(seen.warnings[0]).toMatch(/^This is escalating/);
    expect(seen).toMatchObject({ touched: [{ resource: 'token/*', how: 'create (escalating)' }], subject: null });
  });
});
