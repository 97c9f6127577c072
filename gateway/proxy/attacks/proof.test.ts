import { request as raw } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as dpop from 'dpop';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStanding } from '#gateway/callers';
import { connectHot } from '#lib/db';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import { allowRest, approve, collect, file, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';
import { createGateway } from '../../../warden/gateway';

/*
 * Proofs on calls to a provider (T27, T28, T29), at two gateways of one address
 * and one database. A foreign library makes them, the wrong ones too.
 */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let targetId: string;
let keys: dpop.KeyPair;
let otherKeys: dpop.KeyPair;
let agent: TestAgent;
let keyless: TestAgent;
let other: Awaited<ReturnType<typeof secondGateway>>;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', [{ id: 1 }]]]);
  targetId = await addUpstream(house, httpConfig(provider.url, { opens: ['GET /v1/things'] }), provider.secret);
  keys = await dpop.generateKeyPair('ES256', { extractable: true });
  otherKeys = await dpop.generateKeyPair('ES256', { extractable: true });
  agent = await newAgent(house, await crypto.subtle.exportKey('jwk', keys.publicKey).then(bare));
  keyless = await newAgent(house);
  for (const each of [agent, keyless]) await allowRest(house, each, targetId);
  other = await secondGateway();
  // What was signed is heard of a moment later.
  const heard = ({ standing }: Pick<House, 'standing'>) => standing.known()?.rests.size === 2;
  await vi.waitUntil(() => heard(house) && heard(other), { timeout: 10_000 });
});
afterAll(async () => {
  await other.close();
  await provider.close();
  await house.close();
});
beforeEach(() => void provider.received.splice(0));

const bare = ({ kty, crv, x, y }: JsonWebKey): object => ({ kty, crv, x, y });

/** Another process behind the same address: it shares the database and no memory. */
async function secondGateway() {
  const warden = house.restarted();
  const hot = connectHot(house.database.wardenUrl);
  const gatewayOrigin = warden.origins.gateway;
  const standing = createStanding({ ...warden, hot, tokenKey: warden.vault.publicKey, gatewayOrigin });
  const gateway = createGateway(warden, standing);
  await new Promise<void>((resolve) => void gateway.server.listen(0, '127.0.0.1', resolve));
  return {
    standing,
    port: (gateway.server.address() as AddressInfo).port,
    async close() {
      await gateway.stop();
      gateway.server.closeAllConnections();
      gateway.server.close();
      await standing.stop();
      await Promise.all([warden.targets.close(), warden.upstreams.close(), hot.close()]);
    },
  };
}

const READ = '/t/internal-api/v1/things';
const WRITE = '/t/internal-api/v1/things/7';
const REFUSED = { status: 401, code: 'proof_required', nonce: expect.any(String) };

const address = (path = READ): string => house.warden.origins.gateway + path;
const nonceOf = ({ standing } = house as Pick<House, 'standing'>): string => standing.nonce();

interface Made {
  pair?: dpop.KeyPair;
  htm?: string;
  htu?: string;
  nonce?: string | undefined;
  token?: string | undefined;
  ageSeconds?: number;
}

/** A proof for the agent's read, or what is said instead. */
function prove(made: Made = {}): Promise<string> {
  const usual = { pair: keys, htm: 'GET', htu: address(), nonce: nonceOf(), token: agent.token, ageSeconds: 0 };
  const { pair, htm, htu, nonce, token, ageSeconds } = { ...usual, ...made };
  // The library takes the time before it first waits, so nothing else sees this clock.
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - ageSeconds * 1_000);
  const proof = dpop.generateProof(pair, htu, htm, nonce, token);
  clock.mockRestore();
  return proof;
}

interface Sent {
  method?: string;
  path?: string;
  token?: string;
  scheme?: string;
  port?: number;
  body?: string;
}

/** Goes out as it is: no client tidies the path. */
function send(proof: string | null, sent: Sent = {}): Promise<typeof REFUSED> {
  const { host, port: first } = new URL(house.warden.origins.gateway);
  const { method = 'GET', path = READ, token = agent.token, scheme = 'DPoP', port = Number(first), body = '' } = sent;
  const content = body === '' ? {} : { 'content-type': 'application/json', 'content-length': body.length };
  const headers = { host, authorization: `${scheme} ${token}`, ...content, ...(proof === null ? {} : { dpop: proof }) };
  return new Promise((resolve, reject) => {
    raw({ host: '127.0.0.1', port, method, path, headers }, async (answer) => {
      const text = (await answer.toArray()).join('');
      const { statusCode: status = 0, headers: got } = answer;
      resolve({ status, code: status === 200 ? 'passed' : JSON.parse(text).code, nonce: got['dpop-nonce'] });
    })
      .on('error', reject)
      .end(body);
  });
}

const codes = async (answers: ReadonlyArray<Promise<{ code: string }>>): Promise<string[]> =>
  (await Promise.all(answers)).map(({ code }) => code).sort();

describe('An agent with a key', () => {
  test('is refused without a proof and given a nonce; with a proof of that nonce it passes (RFC 9449 §8)', async () => {
    for (const scheme of ['Bearer', 'DPoP']) expect(await send(null, { scheme })).toEqual(REFUSED);
    const { nonce } = await send(null);
    expect(provider.received).toEqual([]);
    const passed = await send(await prove({ nonce }));
    expect(passed.status).toBe(200);
    expect(provider.received).toEqual(['GET /v1/things']);
    // §8.2: what passed has the next nonce with it.
    expect((await send(await prove({ nonce: passed.nonce }))).status).toBe(200);
  });

  test('passes once with one proof (T27)', async () => {
    const proof = await prove();
    expect((await send(proof)).status).toBe(200);
    expect(await send(proof)).toEqual(REFUSED);
    expect(await send(proof, { scheme: 'Bearer' })).toEqual(REFUSED);
    expect(provider.received).toHaveLength(1);
  });

  test('passes once of 40 at the same time with one proof, and 40 times with 40 (T27)', async () => {
    const proof = await prove();
    const same = await codes(Array.from({ length: 40 }, () => send(proof)));
    expect(same).toEqual(['passed', ...Array(39).fill('proof_required')]);
    expect(provider.received).toHaveLength(1);
    const each = await codes(Array.from({ length: 40 }, async () => send(await prove())));
    expect(each).toEqual(Array(40).fill('passed'));
  });

  test('proves the address without its query, and once for all queries (RFC 9449 §4.2)', async () => {
    const proof = await prove();
    expect((await send(proof, { path: `${READ}?page=1` })).status).toBe(200);
    expect(await send(proof, { path: `${READ}?page=2` })).toEqual(REFUSED);
  });
});

describe('Nothing is sent with a proof made', () => {
  test.each<[string, () => Made]>([
    ['for another method', () => ({ htm: 'POST' })],
    ['for the method in small letters (T28)', () => ({ htm: 'get' })],
    ['for another path', () => ({ htu: address(WRITE) })],
    ['for another target', () => ({ htu: address('/t/railway/v1/things') })],
    ['for the provider’s own address', () => ({ htu: `${provider.url}v1/things` })],
    ['for the path alone (T28)', () => ({ htu: READ })],
    ['for the address with a query (T28)', () => ({ htu: `${address()}?` })],
    ['for the address with a fragment (T28)', () => ({ htu: `${address()}#` })],
    ['for the address with a slash more (T28)', () => ({ htu: `${address()}/` })],
    ['for the address percent-encoded (T28)', () => ({ htu: address().replace('things', '%74hings') })],
    ['for the address by a detour (T28)', () => ({ htu: address('/t/internal-api/x/../v1/things') })],
    ['for the path in capitals (T28)', () => ({ htu: address('/t/internal-api/V1/things') })],
    ['for the host in capitals (T28)', () => ({ htu: address().replace('localhost', 'LOCALHOST') })],
    ['for the host’s number (T28)', () => ({ htu: address().replace('localhost', '127.0.0.1') })],
    ['for another port (T28)', () => ({ htu: address().replace(/:\d+/, ':1') })],
    ['for no port (T28)', () => ({ htu: address().replace(/:\d+/, '') })],
    ['for https (T28)', () => ({ htu: address().replace('http:', 'https:') })],
    ['for another token', () => ({ token: `${agent.token}x` })],
    ['for no token', () => ({ token: undefined })],
    ['with another key', () => ({ pair: otherKeys })],
    ['with another key that poses as the agent’s', () => ({ pair: { ...otherKeys, publicKey: keys.publicKey } })],
    ['with the agent’s key that poses as another', () => ({ pair: { ...keys, publicKey: otherKeys.publicKey } })],
    ['without a nonce', () => ({ nonce: undefined })],
    ['with a nonce that was made up', () => ({ nonce: nonceOf().replace(/[^.]+$/, 'A'.repeat(43)) })],
    [
      'with a nonce moved to a minute to come',
      () => ({ nonce: nonceOf().replace(/^\d+/, (minute) => `${+minute + 1}`) }),
    ],
    ['with a nonce of another gateway (T27)', () => ({ nonce: nonceOf(other) })],
    ['six minutes ago', () => ({ ageSeconds: 360 })],
    ['six minutes from now', () => ({ ageSeconds: -360 })],
  ])('%s; with the right one it is', async (_name, made) => {
    expect(await send(await prove(made()))).toEqual(REFUSED);
    expect(provider.received).toEqual([]);
    expect((await send(await prove())).status).toBe(200);
  });

  test.each([
    ['with a slash more', `${READ}/`],
    ['percent-encoded', '/t/internal-api/v1/%74hings'],
    ['by a detour', '/t/internal-api/x/../v1/things'],
    ['with a slash twice', '/t/internal-api//v1/things'],
    ['of what lies below', WRITE],
  ])('for an address, and sent to it %s (T28)', async (_name, path) => {
    const proof = await prove();
    expect(await send(proof, { path })).toEqual(REFUSED);
    expect(provider.received).toEqual([]);
    expect((await send(proof)).status).toBe(200);
  });
});

describe('Of two gateways on one database (T27)', () => {
  test('the second takes no proof that was used at the first, and none that the first could still take', async () => {
    const { port } = other;
    const used = await prove();
    expect((await send(used)).status).toBe(200);
    expect(await send(used, { port })).toEqual(REFUSED);
    const fresh = await prove();
    expect(await send(fresh, { port })).toEqual(REFUSED);
    expect((await send(fresh)).status).toBe(200);
    expect(provider.received).toHaveLength(2);
  });

  test('one lets a proof pass, once, of 20 at each at the same time', async () => {
    for (const gateway of [house, other]) {
      provider.received.length = 0;
      const proof = await prove({ nonce: nonceOf(gateway) });
      const sent = Array.from({ length: 20 }, () => [send(proof), send(proof, { port: other.port })]).flat();
      expect(await codes(sent)).toEqual(['passed', ...Array(39).fill('proof_required')]);
      expect(provider.received).toHaveLength(1);
    }
  });

  test('each lets the agent in that goes on with its own nonce', async () => {
    const { port } = other;
    const { nonce } = await send(await prove(), { port });
    expect((await send(await prove({ nonce }), { port })).status).toBe(200);
  });
});

/** A grant for one write, collected with a proof that has the nonce the API told. */
async function granted(): Promise<string> {
  const ask = { resources: ['path/v1/things/7'], verbs: ['put'], maxUses: 1 };
  const grantId = await approve(house, await file(house, agent, targetId, ask));
  const htu = address(`/v1/grants/${grantId}/credential`);
  const { headers } = await collect(house, grantId, { token: agent.token });
  const proof = await prove({ htm: 'POST', htu, nonce: headers.get('dpop-nonce') ?? '' });
  const { body } = await collect(house, grantId, { token: agent.token, headers: { dpop: proof } });
  expect(body.credential.tokenType).toBe('DPoP');
  return body.credential.accessToken;
}

const proveWrite = (token: string, made: Made = {}) => prove({ htm: 'PUT', htu: address(WRITE), token, ...made });
const write = (token: string, proof: string | null, sent: Sent = {}) =>
  send(proof, { method: 'PUT', path: WRITE, token, body: '{"n":1}', ...sent });

describe('A grant of an agent with a key', () => {
  test('is worth nothing to who has its token and not the key, and what they try uses nothing up', async () => {
    const token = await granted();
    const tried = [
      await write(token, null, { scheme: 'Bearer' }),
      await write(token, null),
      await write(token, await proveWrite(token, { pair: otherKeys })),
      await write(token, await proveWrite(token, { pair: { ...otherKeys, publicKey: keys.publicKey } })),
      await write(token, await proveWrite(token, { nonce: undefined })),
      await write(token, await proveWrite(agent.token)),
    ];
    expect(tried).toEqual(tried.map(() => REFUSED));
    expect(provider.received).toEqual([]);
    expect((await write(token, await proveWrite(token))).status).toBe(200);
    expect(provider.received).toEqual(['PUT /v1/things/7 {"n":1}']);
  });

  test('writes no second body with a proof that was used, since a proof does not cover the body (T29)', async () => {
    const [one, two] = [await granted(), await granted()];
    const proof = await proveWrite(one);
    expect((await write(one, proof)).status).toBe(200);
    for (const token of [one, two]) expect(await write(token, proof, { body: '{"n":2}' })).toEqual(REFUSED);
    expect(provider.received).toEqual(['PUT /v1/things/7 {"n":1}']);
  });
});

test('An agent without a key is not asked for proofs', async () => {
  for (const scheme of ['Bearer', 'DPoP'])
    expect((await send(null, { token: keyless.token, scheme })).status).toBe(200);
  expect(provider.received).toHaveLength(2);
});
