import { expect, test } from 'vitest';
import type { TargetConfig } from '#lib/targets';
import type { AgentCall } from '../agent-route';
import { TargetResource } from './resources';
import { listTargets } from './targets';

const COMMON = {
  environment: 'production',
  soleOwnerMayApprove: false,
  maxTtlSeconds: 3_600,
  url: 'https://api.example.com/graphql',
  secretIn: { place: 'bearer' },
  opens: ['query me'],
  closes: [],
  privateNetwork: false,
  maxBodyBytes: 1_048_576,
  outageSeconds: 60,
  refuseUnknown: false,
};
const GRAPHQL = { ...COMMON, kind: 'graphql', name: 'railway', profile: 'railway', schemaHash: 'A'.repeat(43) };
const HTTP = { ...COMMON, kind: 'http', name: 'api', profile: 'generic-http', opens: [] };

async function listed(config: object, resting: boolean): Promise<TargetResource> {
  const rows = [{ id: 'tgt_1', config: config as TargetConfig, report: { version: 'x', schemaChanged: false } }];
  const rests = resting ? [{ targetId: 'tgt_1', ttlSeconds: 900 }] : [];
  const db = { target: { findMany: async () => rows }, restAllowance: { findMany: async () => rests } };
  const env = {
    webOrigin: 'https://console.example.com',
    agentOrigin: 'https://agents.example.com',
    gatewayOrigin: 'https://gateway.example.com',
  };
  const { body } = await listTargets({ api: { db, env }, agent: { id: 'agt_1' } } as unknown as AgentCall);
  const [item] = (body as { items: unknown[] }).items;
  return TargetResource.parse(item);
}

test.each([
  ['graphql', GRAPHQL],
  ['http', HTTP],
])(
  'A %s target says where its gateway is, what may be asked for and how bad that is, and nothing of its provider',
  async (_kind, config) => {
    const target = await listed(config, false);
    expect(target).toMatchObject({
      gatewayUrl: `https://gateway.example.com/t/${target.name}`,
      exactOperations: true,
      rest: null,
    });
    expect(target.pairs?.length).toBeGreaterThan(0);
    expect(target.exampleResources.length).toBeGreaterThan(0);
    expect(target.verbs).toEqual([...new Set(target.pairs?.map(({ verb }) => verb))].sort());
    expect(JSON.stringify(target)).not.toContain('api.example.com');
  },
);

test('What no profile names can be asked for by its own name, and is a write at least (P7)', async () => {
  expect((await listed(GRAPHQL, false)).pairs).toContainEqual({ resource: 'mutation', verb: 'run', class: 'write' });
  expect((await listed(HTTP, false)).pairs).toContainEqual({ resource: 'path', verb: 'delete', class: 'destructive' });
});

test('Behind the gateway there is nothing to collect for reading: the address is the gateway’s', async () => {
  expect((await listed(GRAPHQL, true)).rest).toEqual({
    url: 'https://gateway.example.com/t/railway',
    collect: false,
    ttlSeconds: 900,
    reads: ['safe operations of railway', 'query me'],
  });
});
