import { request as raw } from 'node:http';
import * as dpop from 'dpop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import { lowS, otherSpellings, publicJwkOf, twinOf } from '#testing/tokens';
import {
  addTarget,
  allowRest,
  approve,
  callWarden as call,
  call as callGateway,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from '#testing/warden';

/*
 * One token, one text (T25): every other way to write it down is refused, and
 * at the agents' API the same as on calls to providers.
 */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let providerId: string;
let serviceId: string;
let agent: TestAgent;
const service = serviceToken();

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', [{ id: 1 }]]]);
  providerId = await addUpstream(house, httpConfig(provider.url, { opens: ['GET /v1/things'] }), provider.secret);
  serviceId = await addTarget(house, serviceConfig(service));
  agent = await newAgent(house);
});
afterAll(async () => {
  await provider.close();
  await house.close();
});

const WRITE = '/t/internal-api/v1/things/7';

async function issue(targetId: string, ask: Parameters<typeof file>[3]): Promise<{ grantId: string; token: string }> {
  const grantId = await approve(house, await file(house, agent, targetId, ask));
  const { body } = await collect(house, grantId, { token: agent.collect });
  return { grantId, token: body.credential.accessToken };
}
const forProvider = () => issue(providerId, { resources: ['path/v1/things/7'], verbs: ['put'], maxUses: 100 });
const forService = () => issue(serviceId, { resources: ['deploy/api'], verbs: ['start'] });

const ask = (path: string, token: string, caller: string) =>
  call(house, path, { token: caller, body: new URLSearchParams({ token }) });

/** A write as it is, past every client that would tidy it. */
function write(headers: Readonly<Record<string, string>>): Promise<{ status: number; code: unknown }> {
  const { host, port } = new URL(house.warden.origins.gateway);
  const content = { 'content-type': 'application/json', 'content-length': '7' };
  return new Promise((resolve, reject) => {
    raw({ host: '127.0.0.1', port, method: 'PUT', path: WRITE, headers: { host, ...content, ...headers } }, (answer) =>
      answer.toArray().then((chunks) => {
        const { statusCode: status = 0 } = answer;
        resolve({ status, code: status < 400 ? 'passed' : JSON.parse(chunks.join('')).code });
      }, reject),
    )
      .on('error', reject)
      .end('{"n":1}');
  });
}

/** What a header carries as it is: HTTP takes off space at its ends, and has no room for lines. */
const isHeaderText = (text: string): boolean => /^[\x20-\x7e]+$/.test(text) && text === text.trim();

describe('A token in another spelling', () => {
  let token: string;
  let forIt: string;
  let grantId: string;
  beforeAll(async () => {
    ({ token, grantId } = await forProvider());
    ({ token: forIt } = await forService());
  });

  test('is none of ours where it is asked about or given back', async () => {
    for (const [name, text] of otherSpellings(token)) {
      expect((await ask('/v1/introspect', text, agent.token)).text, name).toBe('{"active":false}');
      expect((await ask('/v1/revoke', text, agent.token)).text, name).toBe('{}');
    }
    for (const [name, text] of otherSpellings(forIt))
      expect((await ask('/v1/introspect', text, service)).text, name).toBe('{"active":false}');
  });

  test('is nobody’s on a call to a provider, and nothing is sent', async () => {
    const spellings = otherSpellings(token).filter(([, text]) => isHeaderText(text));
    expect(spellings.length).toBeGreaterThan(20);
    provider.received.length = 0;
    for (const [name, text] of spellings) {
      const { code } = await write({ authorization: `Bearer ${text}` });
      expect(code, name).toBe('unauthenticated');
    }
    expect(provider.received).toEqual([]);
  });

  test('passes at every door in its own: it was alive all the while', async () => {
    expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({ state: 'active' });
    expect((await ask('/v1/introspect', token, agent.token)).body.active).toBe(true);
    expect((await ask('/v1/introspect', forIt, service)).body.active).toBe(true);
    expect((await write({ authorization: `Bearer ${token}` })).code).toBe('passed');
    expect((await ask('/v1/revoke', token, agent.token)).text).toBe('{}');
    expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({
      endReason: 'revoked',
    });
    expect((await write({ authorization: `Bearer ${token}` })).code).toBe('gone');
  });
});

test('Of a revoked token no spelling is alive (T25)', async () => {
  const { grantId, token } = await forService();
  await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
  for (const [name, text] of [['its own', token] as const, ...otherSpellings(token)])
    expect((await ask('/v1/introspect', text, service)).text, name).toBe('{"active":false}');
});

test('Every token the warden signs has the low s', async () => {
  for (let n = 0; n < 8; n += 1) {
    const { token } = await forService();
    expect(token).toBe(lowS(token));
  }
});

describe('A proof in another spelling', () => {
  let keys: dpop.KeyPair;
  let holder: TestAgent;
  beforeAll(async () => {
    keys = await dpop.generateKeyPair('ES256', { extractable: true });
    holder = await newAgent(house, await publicJwkOf(keys.publicKey));
    await allowRest(house, holder, providerId);
  });

  const prove = (path: string, { htm = 'POST', nonce = '' } = {}) =>
    dpop.generateProof(
      keys,
      (path.startsWith('/t/') ? house.origins.gateway : house.origins.agent) + path,
      htm,
      nonce,
      holder.token,
    );
  const others = (proof: string) =>
    otherSpellings(proof).filter(([, text]) => isHeaderText(text) && text !== twinOf(proof));

  test('collects nothing and reads nothing, and is not used up', async () => {
    const grantId = await approve(
      house,
      await file(house, holder, serviceId, { resources: ['deploy/api'], verbs: ['start'] }),
    );
    const send = (proof: string) =>
      collect(house, grantId, { headers: { authorization: `DPoP ${holder.token}`, dpop: proof } });
    const nonce = (await collect(house, grantId, { token: holder.collect })).headers.get('dpop-nonce') ?? '';
    const proof = await prove(`/v1/grants/${grantId}/credential`, { nonce });
    for (const [name, text] of others(proof)) expect((await send(text)).body.code, name).toBe('proof_required');
    expect((await send(proof)).status).toBe(200);
    const read = '/t/internal-api/v1/things';
    const toProvider = (text: string) =>
      callGateway(house, read, { method: 'GET', headers: { authorization: `DPoP ${holder.token}`, dpop: text } });
    const other = await prove(read, { htm: 'GET', nonce: house.copy.callers.nonce() });
    for (const [name, text] of others(other)) expect((await toProvider(text)).body.code, name).toBe('proof_required');
    expect((await toProvider(other)).status).toBe(200);
  });

  test('with the other value of s is the same proof: one of the two passes, at either door (T27)', async () => {
    const read = '/t/internal-api/v1/things';
    const other = await prove(read, { htm: 'GET', nonce: house.copy.callers.nonce() });
    const sent = [twinOf(other), other].map((text) =>
      callGateway(house, read, { method: 'GET', headers: { authorization: `DPoP ${holder.token}`, dpop: text } }),
    );
    expect((await Promise.all(sent)).map(({ status }) => status).sort()).toEqual([200, 401]);
    const grantId = await approve(
      house,
      await file(house, holder, serviceId, { resources: ['deploy/api'], verbs: ['start'] }),
    );
    const nonce = (await collect(house, grantId, { token: holder.collect })).headers.get('dpop-nonce') ?? '';
    const proof = await prove(`/v1/grants/${grantId}/credential`, { nonce });
    const collected = [twinOf(proof), proof].map((text) =>
      collect(house, grantId, { headers: { authorization: `DPoP ${holder.token}`, dpop: text } }),
    );
    expect((await Promise.all(collected)).map(({ status }) => status).sort()).toEqual([200, 401]);
  });
});
