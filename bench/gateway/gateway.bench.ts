import { afterAll, beforeAll, expect, test } from 'vitest';
import { newAgent } from '../agents';
import { report } from '../measure';
import { MANY_REQUESTS, SECONDS } from '../size';
import { graphqlTarget } from '../targets';
import { comparisons, rates } from './by-turns';
import { newText, otherVariables, sameText } from './graphql';
import { pgbench } from './pgbench';
import { memoryOf } from './processes';
import { nonceAt, proof, publicJwk } from './proofs';
import { allowRest, always, bytes, openScene, passing, type Scene, SECRET, sendAll, UPSTREAM_URL } from './scene';

/* The gateway at rest and above it, against the upstream itself, a bare Node proxy and nginx, in one run. */

/** By then it is compiled, and holds what it will hold: on a busy machine seconds alone would not get it there. */
const WARM_REQUESTS = MANY_REQUESTS / 5;

let scene: Scene;
let plain: () => Buffer;
let atRest: () => Buffer;
beforeAll(async () => {
  scene = await openScene();
  const { world, agent } = scene;
  plain = always(bytes(world, 'GET /v1/things', { authorization: `Bearer ${SECRET}` }));
  atRest = always(bytes(world, 'GET /t/bench/v1/things', { authorization: `Bearer ${agent.token}` }));
  await sendAll(scene, atRest, WARM_REQUESTS);
});
afterAll(() => scene.close());

/** What it holds after so many calls against before: a leak of a kilobyte a call would show as more than twice. */
async function staysFlat(what: string, next: () => Buffer): Promise<void> {
  const before = memoryOf(scene.world.gateway);
  const { count } = await sendAll(scene, next, MANY_REQUESTS);
  const after = memoryOf(scene.world.gateway);
  report(`Memory of the gateway over ${count} times ${what}`, [
    { what: 'resident', ours: after, bare: before, unit: 'MiB', aim: '≤ 1.2' },
  ]);
  expect(count).toBeGreaterThanOrEqual(MANY_REQUESTS);
  expect(after / before).toBeLessThanOrEqual(1.5);
}

test('At rest: a small GET, and memory that stays flat', async () => {
  report('A small GET at rest, 32 clients', comparisons(await scene.compare({ ours: atRest, plain }), '≥ 0.6'));
  await staysFlat('a small GET', atRest);
});

/** A GraphQL target with the simulated Railway's schema, which the agent may read at rest. */
async function addCloud(): Promise<void> {
  const { world, agent } = scene;
  await allowRest(world, agent, await world.owner.addTarget(graphqlTarget('cloud', UPSTREAM_URL, SECRET)));
  const headers = { authorization: `Bearer ${agent.token}`, 'content-type': 'application/json' };
  await passing(() => fetch(`${world.calls}/t/cloud`, { method: 'POST', headers, body: sameText() }));
}

const graphql = (line: string, token: string, text: () => string) => (): Buffer =>
  bytes(scene.world, line, { authorization: `Bearer ${token}` }, text());

test('At rest: a GraphQL query of 1 KiB, and memory that stays flat', async () => {
  await addCloud();
  const request = always(graphql('POST /t/cloud', scene.agent.token, sameText)());
  const straight = always(graphql('POST /', SECRET, sameText)());
  const compared = await scene.compare({ ours: request, plain: straight });
  const title = `A GraphQL query of ${Buffer.byteLength(sameText())} bytes at rest, 32 clients`;
  report(title, comparisons(compared, '≥ 0.6'));
  await staysFlat('a GraphQL query', request);
});

test.each([
  ['the same text each time', sameText],
  ['other variables each time', otherVariables],
  ['a new text each time', newText],
])('At rest: a GraphQL query of 1 KiB, %s', async (how, text) => {
  const { ours, bare } = await scene.compare({
    ours: graphql('POST /t/cloud', scene.agent.token, text),
    plain: graphql('POST /', SECRET, text),
  });
  report('A GraphQL query at rest, 32 clients', rates(`${how}, against a bare Node proxy`, ours, bare, ''));
});

/** A grant bound to its holder's key (RFC 9449), collected with that key. Returns its token. */
async function boundGrant(): Promise<string> {
  const { world, targetId } = scene;
  const holder = await newAgent(world, publicJwk);
  await allowRest(world, holder, targetId);
  const ask = { target: 'bench', resources: ['path/v1/things'], verbs: ['post'], ttlSeconds: 3_000 };
  const requestId = await holder.pending(ask);
  await world.owner.sign('request.approve', { requestId });
  const grantId = await holder.grantOf(requestId);
  const url = `${world.credentials}/v1/grants/${grantId}/credential`;
  const nonce = await nonceAt(url, { method: 'POST', headers: { authorization: `Bearer ${holder.token}` } });
  const dpop = proof({ method: 'POST', url, token: holder.token, nonce });
  const { credential } = await holder.collect(grantId, { dpop });
  expect(credential).toMatchObject({ tokenType: 'DPoP' });
  return credential?.accessToken ?? '';
}

test('With a grant that is bound to a key, proven on every call', async () => {
  const token = await boundGrant();
  const url = `${scene.world.calls}/t/bench/v1/things`;
  const nonce = await nonceAt(url, { headers: { authorization: `DPoP ${token}` } });
  // Made before the clock runs: making one costs more than checking it.
  const ready = Array.from({ length: 60_000 }, () => proof({ method: 'GET', url, token, nonce })).map((dpop) =>
    bytes(scene.world, 'GET /t/bench/v1/things', { authorization: `DPoP ${token}`, dpop }),
  );
  const compared = await scene.compare({ ours: () => ready.pop() ?? Buffer.alloc(0), plain }, { most: 55_000 });
  report('A small GET with a DPoP-bound grant, 32 clients', comparisons(compared, '≥ 0.2'));
  expect(compared.ours.count).toBeGreaterThan(0);
});

test('With a counted grant: a write', async () => {
  const { world, agent } = scene;
  const ask = { target: 'bench', resources: ['path/v1/things'], verbs: ['post'], ttlSeconds: 3_000, maxUses: 100_000 };
  const requestId = await agent.pending(ask);
  await world.owner.sign('request.approve', { requestId });
  const grantId = await agent.grantOf(requestId);
  const { credential } = await agent.collect(grantId);
  const content = '{"name":"x"}';
  const authorization = `Bearer ${credential?.accessToken}`;
  const calls = {
    ours: always(bytes(world, 'POST /t/bench/v1/things', { authorization }, content)),
    plain: always(bytes(world, 'POST /v1/things', { authorization: `Bearer ${SECRET}` }, content)),
  };
  const compared = await scene.compare(calls, { clients: 16 });
  const { ours } = compared;
  const bare = await pgbench(world.urls.owner, SECONDS);
  report('A counted write, 16 clients', [
    {
      what: 'against pgbench for the same two statements, commits a second',
      ours: ours.rate,
      bare,
      unit: '/s',
      aim: '≥ 0.5',
    },
    ...comparisons(compared, ''),
  ]);
  await expect.poll(() => agent.usesOf(grantId)).toBeGreaterThanOrEqual(ours.count);
});
