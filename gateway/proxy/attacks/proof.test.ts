import { randomBytes } from 'node:crypto';
import { request as raw } from 'node:http';
import * as dpop from 'dpop';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createNonces } from '#lib/tokens';
import type { TestCopy } from '#testing/gateway';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import { allowRest, approve, collect, file, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';

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
let other: TestCopy;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', [{ id: 1 }]]]);
  targetId = await addUpstream(house, httpConfig(provider.url, { opens: ['GET /v1/things'] }), provider.secret);
  keys = await dpop.generateKeyPair('ES256', { extractable: true });
  otherKeys = await dpop.generateKeyPair('ES256', { extractable: true });
  agent = await newAgent(house, await crypto.subtle.exportKey('jwk', keys.publicKey).then(bare));
  keyless = await newAgent(house);
  for (const each of [agent, keyless]) await allowRest(house, each, targetId);
  other = await house.anotherCopy();
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  await house.fresh();
  provider.received.splice(0);
});

/** Calls of agents. The gateway asks for `/` by itself, to see whether the secret still opens anything. */
const arrived = (): string[] => provider.received.filter((line) => line !== 'GET /');

const bare = ({ kty, crv, x, y }: JsonWebKey): object => ({ kty, crv, x, y });

const READ = '/t/internal-api/v1/things';
const WRITE = '/t/internal-api/v1/things/7';
const REFUSED = { status: 401, code: 'proof_required', nonce: expect.any(String) };

const address = (path = READ): string => house.origins.gateway + path;
const nonceOf = (): string => house.copy.callers.nonce();

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
  const { host, port: first } = new URL(house.origins.gateway);
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
    expect(arrived()).toEqual([]);
    const passed = await send(await prove({ nonce }));
    expect(passed.status).toBe(200);
    expect(arrived()).toEqual(['GET /v1/things']);
    // §8.2: what passed has the next nonce with it.
    expect((await send(await prove({ nonce: passed.nonce }))).status).toBe(200);
  });

  test('passes once with one proof (T27)', async () => {
    const proof = await prove();
    expect((await send(proof)).status).toBe(200);
    expect(await send(proof)).toEqual(REFUSED);
    expect(await send(proof, { scheme: 'Bearer' })).toEqual(REFUSED);
    expect(arrived()).toHaveLength(1);
  });

  test('passes once of 40 at the same time with one proof, and 40 times with 40 (T27)', async () => {
    const proof = await prove();
    const same = await codes(Array.from({ length: 40 }, () => send(proof)));
    expect(same).toEqual(['passed', ...Array(39).fill('proof_required')]);
    expect(arrived()).toHaveLength(1);
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
    [
      'with a nonce of another installation (T27)',
      () => ({ nonce: createNonces(randomBytes(32)).current(new Date()) }),
    ],
    ['six minutes ago', () => ({ ageSeconds: 360 })],
    ['six minutes from now', () => ({ ageSeconds: -360 })],
  ])('%s; with the right one it is', async (_name, made) => {
    expect(await send(await prove(made()))).toEqual(REFUSED);
    expect(arrived()).toEqual([]);
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
    expect(arrived()).toEqual([]);
    expect((await send(proof)).status).toBe(200);
  });
});

/** A grant for one write, collected with a proof of the warden's own nonce: a gateway's is none there. */
async function granted({ maxUses = 1 } = {}): Promise<string> {
  const ask = { resources: ['path/v1/things/7'], verbs: ['put'], maxUses };
  const grantId = await approve(house, await file(house, agent, targetId, ask));
  const htu = `${house.origins.agent}/v1/grants/${grantId}/credential`;
  const answer = async (nonce: string | undefined) =>
    collect(house, grantId, {
      token: agent.token,
      headers: { dpop: await prove({ htm: 'POST', htu, nonce }) },
    });
  const { status, headers } = await answer(nonceOf());
  expect(status).toBe(401);
  const { body } = await answer(headers.get('dpop-nonce') ?? undefined);
  expect(body).toMatchObject({ credential: { tokenType: 'DPoP' } });
  return body.credential.accessToken;
}

const proveWrite = (token: string, made: Made = {}) => prove({ htm: 'PUT', htu: address(WRITE), token, ...made });
const write = (token: string, proof: string | null, sent: Sent = {}) =>
  send(proof, { method: 'PUT', path: WRITE, token, body: '{"n":1}', ...sent });

describe('Of two gateways on one database (T27)', () => {
  test('each lets a read’s proof pass once, and no more often, while its nonce lives', async () => {
    const proof = await prove();
    const sent = Array.from({ length: 10 }, () => [send(proof), send(proof, { port: other.port })]).flat();
    expect(await codes(sent)).toEqual(['passed', 'passed', ...Array(18).fill('proof_required')]);
    expect(arrived()).toHaveLength(2);
  });

  test('one lets a write’s proof pass, once, of 20 at each at the same time', async () => {
    const token = await granted({ maxUses: 30 });
    const proof = await proveWrite(token);
    const sent = Array.from({ length: 20 }, () => [
      write(token, proof),
      write(token, proof, { port: other.port }),
    ]).flat();
    expect(await codes(sent)).toEqual(['passed', ...Array(39).fill('proof_required')]);
    expect(arrived()).toHaveLength(1);
  });

  test('each takes the other’s nonces', async () => {
    const { port } = other;
    const { nonce } = await send(await prove(), { port });
    expect((await send(await prove({ nonce }))).status).toBe(200);
  });
});

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
    expect(arrived()).toEqual([]);
    expect((await write(token, await proveWrite(token))).status).toBe(200);
    expect(arrived()).toEqual(['PUT /v1/things/7 {"n":1}']);
  });

  test('writes no second body with a proof that was used, since a proof does not cover the body (T29)', async () => {
    const [one, two] = [await granted(), await granted()];
    const proof = await proveWrite(one);
    expect((await write(one, proof)).status).toBe(200);
    for (const token of [one, two]) expect(await write(token, proof, { body: '{"n":2}' })).toEqual(REFUSED);
    expect(arrived()).toEqual(['PUT /v1/things/7 {"n":1}']);
  });
});

test('An agent without a key is not asked for proofs', async () => {
  for (const scheme of ['Bearer', 'DPoP'])
    expect((await send(null, { token: keyless.token, scheme })).status).toBe(200);
  expect(arrived()).toHaveLength(2);
});
