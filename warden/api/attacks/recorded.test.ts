import * as dpop from 'dpop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  addTarget,
  allowRest,
  approve,
  call,
  callWarden,
  collect,
  databaseConfig,
  file,
  type House,
  isMinted,
  newAgent,
  openHouse,
  sampleCompany,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from '#testing/warden';

/*
 * A web and a gateway that record every byte they are sent: what they see of an
 * agent collects nothing at the warden (T82).
 */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let targets: { database: string; service: string; provider: string };

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', [{ id: 1 }]]]);
  const { password, ...place } = await sampleCompany();
  targets = {
    database: await addTarget(house, databaseConfig(place), password),
    service: await addTarget(house, serviceConfig(serviceToken())),
    provider: await addUpstream(house, httpConfig(provider.url, { opens: ['GET /v1/things'] }), provider.secret),
  };
});
afterAll(async () => {
  await provider.close();
  await house.close();
});

/** What an honest agent sends to web and to the gateway while it works, and what it sends to the warden. */
async function atWork(agent: TestAgent) {
  await allowRest(house, agent, targets.database);
  await allowRest(house, agent, targets.provider);
  const grants = {
    database: await approve(house, await file(house, agent, targets.database)),
    service: await approve(
      house,
      await file(house, agent, targets.service, { resources: ['deploy/a'], verbs: ['start'] }),
    ),
    provider: await approve(
      house,
      await file(house, agent, targets.provider, { resources: ['path/v1/things/7'], verbs: ['put'], maxUses: 1 }),
    ),
  };
  expect((await call(house, '/t/internal-api/v1/things', { method: 'GET', token: agent.token })).status).toBe(200);
  return grants;
}

describe('The ask token that web and the gateway see', () => {
  test('collects nothing of what was approved, and nothing that reads at rest', async () => {
    const agent = await newAgent(house);
    const grants = await atWork(agent);
    for (const grantId of Object.values(grants)) {
      const { status, body } = await collect(house, grantId, { token: agent.token });
      expect([status, body.code]).toEqual([403, 'forbidden']);
      expect(await isMinted(grantId)).toBe(false);
    }
    const rest = await callWarden(house, '/v1/targets/bookings/rest', { token: agent.token });
    expect([rest.status, rest.body.code]).toEqual([403, 'forbidden']);
    // Nothing was used up: the agent itself collects all of it.
    for (const grantId of Object.values(grants))
      expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
  });

  test('is not the collect secret, however it is sent', async () => {
    const agent = await newAgent(house);
    const { database } = await atWork(agent);
    for (const headers of [
      { authorization: `DPoP ${agent.token}` },
      { authorization: `bearer ${agent.token}` },
      { authorization: `Bearer ${agent.token.replace('cs_ask_', 'cs_col_')}` },
      { authorization: `Bearer ${agent.token}, Bearer ${agent.token}` },
      { authorization: `Bearer ${agent.token}`, dpop: 'eyJ.eyJ.x' },
    ])
      expect((await collect(house, database, { headers })).status).toBeGreaterThanOrEqual(401);
    expect(await isMinted(database)).toBe(false);
  });

  test('gives back and looks, which takes nothing from anybody', async () => {
    const agent = await newAgent(house);
    const { service } = await atWork(agent);
    expect((await callWarden(house, `/v1/grants/${service}`, { method: 'GET', token: agent.token })).status).toBe(200);
    const body = new URLSearchParams({ token: service });
    expect((await callWarden(house, '/v1/revoke', { token: agent.token, body })).status).toBe(200);
    await expect
      .poll(async () => (await house.owner.grant.findUniqueOrThrow({ where: { id: service } })).state)
      .toMatch(/^end/);
  });
});

test('The collect secret opens nothing at the gateway, which would then have seen it', async () => {
  const agent = await newAgent(house);
  await atWork(agent);
  expect((await call(house, '/t/internal-api/v1/things', { method: 'GET', token: agent.collect })).status).toBe(401);
});

test('What the gateway sees of a grant, its token, is good for its own target alone', async () => {
  const agent = await newAgent(house);
  const grants = await atWork(agent);
  const { body } = await collect(house, grants.provider, { token: agent.collect });
  const scope: string = body.credential.accessToken;
  expect((await collect(house, grants.database, { token: scope })).status).toBe(401);
  expect((await callWarden(house, '/v1/targets/bookings/rest', { token: scope })).status).toBe(401);
  expect((await call(house, '/t/internal-api/v1/others/7', { method: 'PUT', token: scope, body: '{}' })).status).toBe(
    403,
  );
});

describe('Of an agent with a key', () => {
  test('neither its token nor the proofs that the gateway saw collect', async () => {
    const pair = await dpop.generateKeyPair('ES256', { extractable: true });
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
    const agent = await newAgent(house, { kty, crv, x, y });
    await allowRest(house, agent, targets.provider);
    const grantId = await approve(house, await file(house, agent, targets.database));
    const address = `${house.origins.gateway}/t/internal-api/v1/things`;
    const proof = await dpop.generateProof(pair, address, 'GET', house.copy.callers.nonce(), agent.token);
    const headers = { dpop: proof };
    expect((await collect(house, grantId, { token: agent.token })).status).toBe(401);
    expect((await collect(house, grantId, { token: agent.token, headers })).status).toBe(401);
    expect(await isMinted(grantId)).toBe(false);
  });
});
