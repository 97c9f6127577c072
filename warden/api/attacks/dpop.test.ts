import { generateKeyPairSync, sign as signRaw } from 'node:crypto';
import * as dpop from 'dpop';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
let keys: Awaited<ReturnType<typeof dpop.generateKeyPair>>;

beforeAll(async () => {
  house = await openHouse();
  keys = await dpop.generateKeyPair('ES256', { extractable: true });
  agent = await newAgent(house, await publicJwk(keys.publicKey));
  targetId = await addTarget(house, serviceConfig(serviceToken()));
});
afterAll(() => house.close());

async function publicJwk(key: CryptoKey): Promise<object> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key);
  return y === undefined ? { kty, crv, x } : { kty, crv, x, y };
}

const ready = async (by: TestAgent = agent): Promise<string> =>
  approve(house, await file(house, by, targetId, { resources: ['deploy/api'], verbs: ['start'] }));
const url = (grantId: string): string => `${house.warden.origins.gateway}/v1/grants/${grantId}/credential`;
const prove = (
  grantId: string,
  { htu = url(grantId), htm = 'POST', token = agent.token as string | undefined, pair = keys } = {},
): Promise<string> => dpop.generateProof(pair, htu, htm, undefined, token);
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
  const other = await newAgent(house, await publicJwk(pair.publicKey));
  const grantId = await ready(other);
  const proof = await prove(grantId, { pair, token: other.token });
  expect((await collect(house, grantId, { token: other.token, headers: { dpop: proof } })).status).toBe(200);
});

test('Without a proof the agent’s token alone collects nothing, and is told what is missing', async () => {
  const grantId = await ready();
  const { status, headers, body } = await collect(house, grantId, { token: agent.token });
  expect([status, body.code]).toEqual([401, 'proof_required']);
  expect(headers.get('www-authenticate')).toMatch(/^DPoP .*algs="ES256 EdDSA"/);
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
  const other = await newAgent(house, await publicJwk(pair.publicKey));
  const [mine, theirs] = [await ready(), await ready(other)];
  const jti = 'the-same-jti';
  const one = await byHand(keys, { jti, htm: 'POST', htu: url(mine), ath: await ath(agent.token), iat: now() });
  const two = await byHand(pair, { jti, htm: 'POST', htu: url(theirs), ath: await ath(other.token), iat: now() });
  expect((await send(mine, one)).status).toBe(200);
  expect((await collect(house, theirs, { token: other.token, headers: { dpop: two } })).status).toBe(200);
});

test('A used proof is remembered past the last instant it would pass (T27)', async () => {
  const grantId = await ready();
  await send(
    grantId,
    await byHand(keys, { jti: 'early', htm: 'POST', htu: url(grantId), ath: await ath(agent.token), iat: now() + 55 }),
  );
  const row = await house.owner.dpopProof.findFirstOrThrow({ where: { jti: 'early' } });
  expect(row.expiresAt.getTime() / 1000).toBeGreaterThan(now() + 55 + 60);
});

const now = (): number => Math.floor(Date.now() / 1000);
const ath = async (token: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token))).toString('base64url');
const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function byHand(pair: typeof keys, claims: object, header: object = {}): Promise<string> {
  const head = { typ: 'dpop+jwt', alg: 'ES256', jwk: await publicJwk(pair.publicKey), ...header };
  const input = `${text(head)}.${text(claims)}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

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
  ['two minutes ago', () => ({ iat: now() - 120 })],
  ['two minutes from now', () => ({ iat: now() + 120 })],
  ['no time', () => ({ iat: undefined })],
  ['a time that is text', () => ({ iat: String(now()) })],
  ['no jti', () => ({ jti: undefined })],
  ['an endless jti', () => ({ jti: 'j'.repeat(200) })],
])('A proof made for %s is refused', async (_name, change) => {
  const grantId = await ready();
  const good = { jti: crypto.randomUUID(), htm: 'POST', htu: url(grantId), ath: await ath(agent.token), iat: now() };
  const { status, body } = await send(grantId, await byHand(keys, { ...good, ...change(url(grantId)) }));
  expect([status, body.code]).toEqual([401, 'proof_required']);
  expect((await send(grantId, await byHand(keys, good))).status).toBe(200);
});

test('A proof of another key, even one that claims to be the agent’s, is refused', async () => {
  const grantId = await ready();
  const pair = await dpop.generateKeyPair('ES256', { extractable: true });
  const claims = { jti: crypto.randomUUID(), htm: 'POST', htu: url(grantId), ath: await ath(agent.token), iat: now() };
  const forged = await byHand(pair, claims, { jwk: await publicJwk(keys.publicKey) });
  for (const proof of [await byHand(pair, claims), forged])
    expect((await send(grantId, proof)).body.code).toBe('proof_required');
});

test('Nothing but a signed proof is one: alg none, HMAC, private key inside, wrong type, two proofs, no proof (T24)', async () => {
  const grantId = await ready();
  const claims = { jti: 'x', htm: 'POST', htu: url(grantId), ath: await ath(agent.token), iat: now() };
  const secret = await crypto.subtle.exportKey('jwk', keys.privateKey);
  const head = { typ: 'dpop+jwt', jwk: await publicJwk(keys.publicKey) };
  const good = await byHand(keys, claims);
  const bad = [
    `${text({ ...head, alg: 'none' })}.${text(claims)}.`,
    `${text({ ...head, alg: 'HS256' })}.${text(claims)}.AAAA`,
    await byHand(keys, claims, { jwk: secret }),
    await byHand(keys, claims, { typ: 'jwt' }),
    await byHand(keys, claims, { crit: ['b64'], b64: false }),
    `${good}, ${good}`,
    rsaProof(claims),
    'not.a.jwt',
  ];
  for (const proof of bad) expect((await send(grantId, proof)).body.code).toBe('proof_required');
});

function rsaProof(claims: object): string {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const input = `${text({ typ: 'dpop+jwt', alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) })}.${text(claims)}`;
  return `${input}.${signRaw('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

test('Taking the agent’s key out of its row does not take the proof out of the approval', async () => {
  const grantId = await ready();
  await house.owner.$executeRaw`UPDATE agents SET public_jwk = NULL WHERE id = ${agent.id}`;
  const { status, body } = await collect(house, grantId, { token: agent.token });
  expect([status, body.code]).toEqual([403, 'statement_refused']);
});
