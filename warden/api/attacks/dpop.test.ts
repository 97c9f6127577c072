import { generateKeyPairSync, sign as signRaw } from 'node:crypto';
import * as dpop from 'dpop';
import * as client from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNonces } from '#lib/tokens';
import { athOf, craftedProof, jsonPart, publicJwkOf } from '#testing/tokens';
import {
  addTarget,
  approve,
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
 * Proofs are made by a foreign library (`dpop`), and by hand where it would not
 * make a wrong one.
 */

let house: House;
let agent: TestAgent;
let targetId: string;
let keys: dpop.KeyPair;
let nonce: string;

beforeAll(async () => {
  house = await openHouse();
  keys = await dpop.generateKeyPair('ES256', { extractable: true });
  agent = await newAgent(house, await publicJwkOf(keys.publicKey));
  targetId = await addTarget(house, serviceConfig(serviceToken()));
  const { headers } = await collect(house, await ready(), { token: agent.collect });
  nonce = headers.get('dpop-nonce') ?? '';
});
afterAll(() => house.close());

const ready = async (by: TestAgent = agent): Promise<string> =>
  approve(house, await file(house, by, targetId, { resources: ['deploy/api'], verbs: ['start'] }));
const url = (grantId: string): string => `${house.warden.origins.agent}/v1/grants/${grantId}/credential`;
const prove = (
  grantId: string,
  { htu = url(grantId), htm = 'POST', token = agent.token as string | undefined, pair = keys } = {},
): Promise<string> => dpop.generateProof(pair, htu, htm, nonce, token);
const send = (grantId: string, proof: string, scheme = 'DPoP') =>
  collect(house, grantId, { headers: { authorization: `${scheme} ${agent.token}`, dpop: proof } });

test.each(['DPoP', 'Bearer', 'dpop'])(
  'An agent with a key collects with a fresh proof of it (scheme %s)',
  async (scheme) => {
    const grantId = await ready();
    const { status, body } = await send(grantId, await prove(grantId), scheme);
    expect([status, body.credential?.tokenType]).toEqual([200, 'DPoP']);
    const claims = JSON.parse(Buffer.from(body.credential.accessToken.split('.')[1], 'base64url').toString());
    expect(claims.cnf).toEqual({ jkt: await dpop.calculateThumbprint(keys.publicKey) });
  },
);

test('An Ed25519 key proves as well as a P-256 one', async () => {
  const pair = await dpop.generateKeyPair('Ed25519', { extractable: true });
  const other = await newAgent(house, await publicJwkOf(pair.publicKey));
  const grantId = await ready(other);
  const proof = await prove(grantId, { pair, token: other.token });
  expect((await collect(house, grantId, { token: other.collect, headers: { dpop: proof } })).status).toBe(200);
});

test('Without a proof the agent’s token alone collects nothing, and is told what is missing', async () => {
  const grantId = await ready();
  const { status, headers, body } = await collect(house, grantId, { token: agent.collect });
  expect([status, body.code]).toEqual([401, 'proof_required']);
  expect(headers.get('www-authenticate')).toMatch(/^DPoP .*error="use_dpop_nonce", algs="ES256 EdDSA"$/);
  expect(headers.get('dpop-nonce')).toMatch(/^\S{8,}$/);
});

test('A standard client that knows RFC 9449 §8 collects by itself: told the nonce, it asks once more', async () => {
  const { gateway } = house.warden.origins;
  const config = new client.Configuration({ issuer: gateway }, 'agent');
  client.allowInsecureRequests(config);
  const statuses: number[] = [];
  config[client.customFetch] = async (at, options) => {
    const answer = await fetch(at, options as RequestInit);
    statuses.push(answer.status);
    return answer;
  };
  const DPoP = client.getDPoPHandle(config, keys);
  const address = new URL(url(await ready()));
  const answer = await client.fetchProtectedResource(config, agent.token, address, 'POST', null, undefined, { DPoP });
  expect((await answer.json()).credential.tokenType).toBe('DPoP');
  expect(statuses).toEqual([401, 200]);
});

test.each<[string, () => string | undefined]>([
  ['without a nonce', () => undefined],
  ['with a nonce that was made up', () => nonce.replace(/[^.]+$/, 'A'.repeat(43))],
  ['with a nonce moved to a minute to come', () => nonce.replace(/^\d+/, (minute) => `${+minute + 1}`)],
  ['with a nonce of the calls to providers', () => house.copy.callers.nonce()],
])('A proof %s is refused, and the answer has one that is taken (RFC 9449 §8)', async (_name, wrong) => {
  const grantId = await ready();
  const proof = await dpop.generateProof(keys, url(grantId), 'POST', wrong(), agent.token);
  const { status, headers, body } = await send(grantId, proof);
  expect([status, body.code]).toEqual([401, 'proof_required']);
  expect(headers.get('www-authenticate')).toContain('error="use_dpop_nonce"');
  const told = headers.get('dpop-nonce') ?? '';
  const again = await dpop.generateProof(keys, url(grantId), 'POST', told, agent.token);
  expect((await send(grantId, again)).status).toBe(200);
});

test('A nonce outlives the warden that made it: another one on this directory takes it', async () => {
  const { nonceSecret } = house.restarted().vault;
  expect(createNonces(nonceSecret).endOf(nonce, new Date())).not.toBeNull();
});

test('A proof works once, also of 20 at once (T27)', async () => {
  const [first, second] = [await ready(), await ready()];
  const proof = await prove(first);
  expect((await send(first, proof)).status).toBe(200);
  expect((await send(first, proof)).body.code).toBe('proof_required');
  const parallel = await prove(second);
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(second, parallel)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.code === 'proof_required')).toHaveLength(19);
});

test('The same jti under two keys is two proofs (T27)', async () => {
  const pair = await dpop.generateKeyPair('ES256', { extractable: true });
  const other = await newAgent(house, await publicJwkOf(pair.publicKey));
  const [mine, theirs] = [await ready(), await ready(other)];
  const jti = 'the-same-jti';
  const one = await craftedProof(keys, { ...claimsFor(mine), jti });
  const two = await craftedProof(pair, { ...claimsFor(theirs, other.token), jti });
  expect((await send(mine, one)).status).toBe(200);
  expect((await collect(house, theirs, { token: other.collect, headers: { dpop: two } })).status).toBe(200);
});

test('A used proof is remembered past the last instant it would pass (T27)', async () => {
  const grantId = await ready();
  const early = { ...claimsFor(grantId), jti: 'early', iat: now() + 290 };
  expect((await send(grantId, await craftedProof(keys, early))).status).toBe(200);
  const row = await house.owner.dpopProof.findFirstOrThrow({ where: { jti: 'early' } });
  const nonces = createNonces(house.warden.vault.nonceSecret);
  expect(nonces.endOf(nonce, new Date(row.expiresAt.getTime() - 1))).toEqual(row.expiresAt);
  expect(nonces.endOf(nonce, row.expiresAt)).toBeNull();
});

const now = (): number => Math.floor(Date.now() / 1000);
const claimsFor = (grantId: string, token = agent.token) => ({
  jti: crypto.randomUUID(),
  htm: 'POST',
  htu: url(grantId),
  ath: athOf(token),
  iat: now(),
  nonce,
});

test.each<[string, (htu: string) => object | null]>([
  ['another method', () => ({ htm: 'GET' })],
  ['a method in small letters (T28)', () => ({ htm: 'post' })],
  ['another grant', (htu) => ({ htu: htu.replace(/grn_(.)/, (_, first) => (first === '0' ? 'grn_1' : 'grn_0')) })],
  ['the address with a query (T28)', (htu) => ({ htu: `${htu}?x=1` })],
  ['the address with a slash more (T28)', (htu) => ({ htu: `${htu}/` })],
  ['the address percent-encoded (T28)', (htu) => ({ htu: htu.replace('grants', '%67rants') })],
  ['the host in capitals (T28)', (htu) => ({ htu: htu.replace('localhost', 'LOCALHOST') })],
  ['another port (T28)', (htu) => ({ htu: htu.replace(/:\d+/, ':1') })],
  ['no token', () => ({ ath: undefined })],
  ['another token', () => ({ ath: 'x'.repeat(43) })],
  ['six minutes ago', () => ({ iat: now() - 360 })],
  ['six minutes from now', () => ({ iat: now() + 360 })],
  ['no time', () => ({ iat: undefined })],
  ['a time that is text', () => ({ iat: String(now()) })],
  ['no jti', () => ({ jti: undefined })],
  ['an endless jti', () => ({ jti: 'j'.repeat(200) })],
])('A proof made for %s is refused', async (_name, change) => {
  const grantId = await ready();
  const good = claimsFor(grantId);
  const { status, body } = await send(grantId, await craftedProof(keys, { ...good, ...change(url(grantId)) }));
  expect([status, body.code]).toEqual([401, 'proof_required']);
  expect((await send(grantId, await craftedProof(keys, good))).status).toBe(200);
});

test('A proof of another key, even one that claims to be the agent’s, is refused', async () => {
  const grantId = await ready();
  const pair = await dpop.generateKeyPair('ES256', { extractable: true });
  const claims = claimsFor(grantId);
  const forged = await craftedProof(pair, claims, { jwk: await publicJwkOf(keys.publicKey) });
  for (const proof of [await craftedProof(pair, claims), forged])
    expect((await send(grantId, proof)).body.code).toBe('proof_required');
});

test('Nothing but a signed proof is one: alg none, HMAC, private key inside, wrong type, two proofs, no proof (T24)', async () => {
  const grantId = await ready();
  const claims = claimsFor(grantId);
  const secret = await crypto.subtle.exportKey('jwk', keys.privateKey);
  const head = { typ: 'dpop+jwt', jwk: await publicJwkOf(keys.publicKey) };
  const good = await craftedProof(keys, claims);
  const bad = [
    `${jsonPart({ ...head, alg: 'none' })}.${jsonPart(claims)}.`,
    `${jsonPart({ ...head, alg: 'HS256' })}.${jsonPart(claims)}.AAAA`,
    await craftedProof(keys, claims, { jwk: secret }),
    await craftedProof(keys, claims, { typ: 'jwt' }),
    await craftedProof(keys, claims, { crit: ['b64'], b64: false }),
    `${good}, ${good}`,
    rsaProof(claims),
    'not.a.jwt',
  ];
  for (const proof of bad) expect((await send(grantId, proof)).body.code).toBe('proof_required');
});

function rsaProof(claims: object): string {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const input = `${jsonPart({ typ: 'dpop+jwt', alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) })}.${jsonPart(claims)}`;
  return `${input}.${signRaw('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

test('Taking the agent’s key out of its row does not take the proof away', async () => {
  const grantId = await ready();
  await house.owner.$executeRaw`UPDATE agents SET public_jwk = NULL WHERE id = ${agent.id}`;
  const { status, body } = await collect(house, grantId, { token: agent.collect });
  expect([status, body.code]).toEqual([401, 'proof_required']);
});
