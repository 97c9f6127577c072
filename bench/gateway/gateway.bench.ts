import { buildSchema, introspectionFromSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemaText } from '#gateway/classify';
import { sha256Base64url } from '#lib/core';
import type { GraphqlConfig } from '#lib/targets';
import { addTarget, allowRest, approve, call, collect, file, newAgent } from '#testing/warden';
import { SDL } from '../../railway-simulator';
import { report } from '../measure';
import { pgbench } from './pgbench';
import { memoryOf } from './processes';
import { proof, publicJwk } from './proofs';
import { always, bytes, comparisons, ORIGIN, openScene, type Scene, SECRET, sendAll, target, through } from './scene';

/* The gateway at rest and above it, against the upstream itself, a bare Node proxy and nginx, in one run. */

const MANY = Number(process.env['BENCH_REQUESTS'] ?? 200_000);
const THINGS = 'GET /v1/things';
const PLAIN = bytes(THINGS, { authorization: `Bearer ${SECRET}` });

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

/** Flat: what it holds after so many calls is what it held before. */
async function staysFlat(what: string, next: () => Buffer): Promise<void> {
  const before = memoryOf(scene.gateway);
  const { count } = await sendAll(next, MANY);
  const after = memoryOf(scene.gateway);
  report(`Memory of the gateway over ${count} times ${what}`, [
    { what: 'resident', ours: after, bare: before, unit: 'MiB', aim: '≤ 1.2' },
  ]);
  expect(count).toBeGreaterThanOrEqual(MANY);
  expect(after / before).toBeLessThanOrEqual(1.2);
}

test('At rest: a small GET, and memory that stays flat', async () => {
  const request = always(bytes('GET /t/bench/v1/things', { authorization: `Bearer ${scene.agent.token}` }));
  const others = await scene.against(PLAIN);
  const ours = await through(scene, request);
  report('A small GET at rest, 32 clients', comparisons(ours, others, '≥ 0.6'));
  await staysFlat('a small GET', request);
});

/** 1 KiB of ordinary reading, the same text each time, as clients send it. */
const QUERY = `query Overview {
${Array.from({ length: 6 }, (_, index) => `  part${index}: project(id: "project-${index}") {\n    id\n    name\n    volumes {\n      edges {\n        node {\n          id\n          name\n        }\n      }\n    }\n  }`).join('\n')}
}`;

/** A GraphQL target with the simulated Railway's schema, which the agent may read at rest. */
async function addCloud(): Promise<void> {
  const { house, agent } = scene;
  const sdl = schemaText(introspectionFromSchema(buildSchema(SDL), { descriptions: false }));
  const hash = sha256Base64url(sdl);
  await house.warden.db.targetSchema.createMany({ data: [{ hash, sdl }], skipDuplicates: true });
  const graphql = { kind: 'graphql', profile: 'railway', schemaHash: hash } as const;
  const config: GraphqlConfig = { ...target({ name: 'cloud', opens: [] }), ...graphql };
  await allowRest(house, agent, await addTarget(house, config, SECRET));
}

test('At rest: a GraphQL query of 1 KiB, and memory that stays flat', async () => {
  await addCloud();
  const body = JSON.stringify({ query: QUERY });
  const request = always(bytes('POST /t/cloud', { authorization: `Bearer ${scene.agent.token}` }, body));
  const others = await scene.against(bytes('POST /', { authorization: `Bearer ${SECRET}` }, body));
  const ours = await through(scene, request);
  const title = `A GraphQL query of ${Buffer.byteLength(body)} bytes at rest, 32 clients`;
  report(title, comparisons(ours, others, '≥ 0.6'));
  await staysFlat('a GraphQL query', request);
});

/** A grant bound to its holder's key (RFC 9449), collected with that key. Returns its token. */
async function boundGrant(): Promise<string> {
  const { house, targetId } = scene;
  const holder = await newAgent(house, publicJwk);
  await allowRest(house, holder, targetId);
  const ask = { resources: ['path/v1/things'], verbs: ['post'], ttlSeconds: 3_000 };
  const grantId = await approve(house, await file(house, holder, targetId, ask));
  const url = `${ORIGIN}/v1/grants/${grantId}/credential`;
  const asked = await collect(house, grantId, { token: holder.token });
  const nonce = asked.headers.get('dpop-nonce') ?? '';
  const dpop = proof({ method: 'POST', url, token: holder.token, nonce });
  const { body } = await collect(house, grantId, { token: holder.token, headers: { dpop } });
  expect(body).toMatchObject({ credential: { tokenType: 'DPoP' } });
  return body.credential.accessToken;
}

test('With a grant that is bound to a key, proven on every call', async () => {
  const token = await boundGrant();
  const url = `${ORIGIN}/t/bench/v1/things`;
  const asked = await fetch(url, { headers: { authorization: `DPoP ${token}` } });
  const nonce = asked.headers.get('dpop-nonce') ?? '';
  const others = await scene.against(PLAIN);
  // Made before the clock runs: making one costs more than checking it.
  const ready = Array.from({ length: 60_000 }, () => proof({ method: 'GET', url, token, nonce })).map((dpop) =>
    bytes('GET /t/bench/v1/things', { authorization: `DPoP ${token}`, dpop }),
  );
  const ours = await through(scene, () => ready.pop() ?? Buffer.alloc(0), { most: 45_000 });
  report('A small GET with a DPoP-bound grant, 32 clients', comparisons(ours, others, '≥ 0.2'));
  expect(ours.count).toBeGreaterThan(0);
});

test('With a counted grant: a write', async () => {
  const { house, agent, targetId } = scene;
  const ask = { resources: ['path/v1/things'], verbs: ['post'], ttlSeconds: 3_000, maxUses: 100_000 };
  const grantId = await approve(house, await file(house, agent, targetId, ask));
  const { body } = await collect(house, grantId, { token: agent.token });
  expect(body).toMatchObject({ credential: { tokenType: 'Bearer' } });
  const content = '{"name":"x"}';
  const authorization = `Bearer ${body.credential.accessToken}`;
  const clients = { clients: 16 };
  const plain = bytes('POST /v1/things', { authorization: `Bearer ${SECRET}` }, content);
  const others = await scene.against(plain, clients);
  const ours = await through(scene, always(bytes('POST /t/bench/v1/things', { authorization }, content)), clients);
  const bare = await pgbench(house.database.ownerUrl, Number(process.env['BENCH_SECONDS'] ?? 8));
  report('A counted write, 16 clients', [
    {
      what: 'against pgbench for the same two statements, commits a second',
      ours: ours.rate,
      bare,
      unit: '/s',
      aim: '≥ 0.5',
    },
    ...comparisons(ours, others, ''),
  ]);
  const { uses } = (await call(house, `/v1/grants/${grantId}`, { method: 'GET', token: agent.token })).body;
  expect(uses).toBeGreaterThanOrEqual(ours.count);
});
