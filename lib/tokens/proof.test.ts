import { randomBytes } from 'node:crypto';
import * as dpop from 'dpop';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  athOf,
  craftedProof,
  craftedSignature,
  highS,
  jsonPart,
  lowS,
  otherSpellings,
  publicJwkOf,
  twinOf,
} from '#testing/tokens';
import { createNonces, type ProofStore, proofKeyOf, verifyProof } from './index';

const now = new Date('2026-01-01T00:00:10Z');
const seconds = now.getTime() / 1000;
const url = 'https://gateway.example.com/t/railway';
const nonces = createNonces(randomBytes(32));
const call = { method: 'POST', url, token: 'token', now };

let keys: dpop.KeyPair;
let otherKeys: dpop.KeyPair;
beforeAll(async () => {
  keys = await dpop.generateKeyPair('ES256', { extractable: true });
  otherKeys = await dpop.generateKeyPair('ES256', { extractable: true });
});

/** A store that keeps what was spent and says yes once. */
function memory(): ProofStore & { readonly spent: string[] } {
  const spent: string[] = [];
  return {
    spent,
    spend({ jkt, jti, until }) {
      const known = spent.length;
      const row = `${jkt} ${jti} ${until.toISOString()}`;
      if (!spent.includes(row)) spent.push(row);
      return spent.length > known;
    },
  };
}

const good = () => ({
  jti: 'one',
  htm: 'POST',
  htu: url,
  iat: seconds,
  ath: athOf('token'),
  nonce: nonces.current(now),
});

/** What a proof is told: `passed`, or which of the two errors and why. */
async function told(proof: string | undefined, { by = keys, store = memory() as ProofStore } = {}): Promise<string> {
  const key = proofKeyOf(await publicJwkOf(by.publicKey));
  if (key === null) throw new Error('no key');
  return verifyProof(proof, { ...call, key }, { nonces, store }).then(
    () => 'passed',
    ({ code, challenge, cause }) => {
      expect([code, challenge.nonce]).toEqual(['proof_required', nonces.current(now)]);
      return `${challenge.error}: ${cause.message}`;
    },
  );
}

const INVALID = 'invalid_dpop_proof: no valid proof';

describe('A proof (RFC 9449 §4.3)', () => {
  test('passes once, and is remembered to the end of its nonce (T27)', async () => {
    const store = memory();
    const proof = await craftedProof(keys, good());
    expect([await told(proof, { store }), await told(proof, { store })]).toEqual([
      'passed',
      'invalid_dpop_proof: used before',
    ]);
    expect(store.spent).toEqual([expect.stringMatching(/^\S{43} one 2026-01-01T00:06:00\.000Z$/)]);
  });

  test('passes with either value of s, and only one of the two', async () => {
    const proof = await craftedProof(keys, good());
    for (const first of [lowS(proof), highS(proof)]) {
      const store = memory();
      expect(await told(first, { store })).toBe('passed');
      expect(await told(twinOf(first), { store })).toBe('invalid_dpop_proof: used before');
    }
  });

  test.each(['EdDSA', 'Ed25519'])('passes by an Ed25519 key, named %s', async (alg) => {
    const pair = await dpop.generateKeyPair('Ed25519', { extractable: true });
    expect(await told(await craftedProof(pair, good(), { alg }), { by: pair })).toBe('passed');
    expect(await told(await craftedProof(pair, good(), { alg: 'ES256' }), { by: pair })).toBe(INVALID);
    expect(await told(await craftedProof(keys, good(), { alg }))).toBe(INVALID);
  });

  test('passes with header parameters that nobody has to understand (RFC 7515 §4)', async () => {
    expect(await told(await craftedProof(keys, good(), { kid: 'mine' }))).toBe('passed');
    const jwk = { ...(await publicJwkOf(keys.publicKey)), alg: 'ES256', use: 'sig', kid: 'mine' };
    expect(await told(await craftedProof(keys, good(), { jwk }))).toBe('passed');
  });

  test('has one spelling (T25)', async () => {
    const proof = await craftedProof(keys, good());
    const spellings = otherSpellings(proof).filter(([, text]) => text !== twinOf(proof));
    expect(spellings.length).toBeGreaterThan(25);
    for (const [name, text] of spellings) expect(await told(text), name).toBe(INVALID);
  });
});

describe('A proof is asked for with a nonce', () => {
  test.each<[string, object]>([
    ['without one', { nonce: undefined }],
    ['with one that is made up', { nonce: `${Math.floor(seconds / 60)}.${'A'.repeat(43)}` }],
    ['with one of another secret', { nonce: createNonces(randomBytes(32)).current(now) }],
    ['with one that has ended', { nonce: nonces.current(new Date(now.getTime() - 360_000)) }],
    ['with a number', { nonce: 7 }],
  ])('%s', async (_name, change) => {
    expect(await told(await craftedProof(keys, { ...good(), ...change }))).toBe('use_dpop_nonce: no nonce of ours');
  });

  test('where there is none at all', async () => {
    expect(await told(undefined)).toBe('use_dpop_nonce: no proof');
  });
});

describe('A proof is refused, and not used up,', () => {
  test.each<[string, object, string]>([
    ['for another method', { htm: 'GET' }, 'made for another call'],
    ['for the method in small letters (T28)', { htm: 'post' }, 'made for another call'],
    ['for another address', { htu: `${url}/x` }, 'made for another call'],
    ['for another token', { ath: athOf('other') }, 'made for another token'],
    ['from six minutes ago', { iat: seconds - 301 }, 'made too long ago, or in the future'],
    ['from six minutes ahead', { iat: seconds + 301 }, 'made too long ago, or in the future'],
    ['without a token', { ath: undefined }, 'without a claim it needs'],
    ['without a time', { iat: undefined }, 'without a claim it needs'],
    ['with a time that is text', { iat: String(seconds) }, 'without a claim it needs'],
    ['without a jti', { jti: undefined }, 'without a claim it needs'],
    ['with an empty jti', { jti: '' }, 'without a claim it needs'],
    ['with an endless jti', { jti: 'j'.repeat(129) }, 'without a claim it needs'],
    ['with a jti that is a list', { jti: ['one'] }, 'without a claim it needs'],
  ])('%s', async (_name, change, cause) => {
    const store = memory();
    expect(await told(await craftedProof(keys, { ...good(), ...change }), { store })).toBe(
      `invalid_dpop_proof: ${cause}`,
    );
    expect(store.spent).toEqual([]);
  });

  test('at the edge of its window it still passes', async () => {
    for (const iat of [seconds - 300, seconds + 300])
      expect(await told(await craftedProof(keys, { ...good(), iat }))).toBe('passed');
  });

  test.each<[string, () => Promise<string>]>([
    ['by another key', () => craftedProof(otherKeys, good())],
    [
      'by another key that shows the agent’s',
      async () => craftedProof(otherKeys, good(), { jwk: await publicJwkOf(keys.publicKey) }),
    ],
    [
      'by the agent’s key that shows another',
      async () => craftedProof(keys, good(), { jwk: await publicJwkOf(otherKeys.publicKey) }),
    ],
    [
      'with the private key in it',
      async () => craftedProof(keys, good(), { jwk: await crypto.subtle.exportKey('jwk', keys.privateKey) }),
    ],
    ['without a key in it', () => craftedProof(keys, good(), { jwk: undefined })],
    ['with a key that is text', () => craftedProof(keys, good(), { jwk: 'key' })],
    ['of another type', () => craftedProof(keys, good(), { typ: 'JWT' })],
    ['of its type in capitals', () => craftedProof(keys, good(), { typ: 'DPOP+JWT' })],
    ['with an extension that has to be understood', () => craftedProof(keys, good(), { crit: ['b64'], b64: false })],
    ['without an algorithm', () => craftedProof(keys, good(), { alg: undefined })],
    ['with an algorithm that every object has', () => craftedProof(keys, good(), { alg: 'hasOwnProperty' })],
    ['with alg none', () => craftedProof(keys, good(), { alg: 'none' })],
    ['with a shared secret’s algorithm', () => craftedProof(keys, good(), { alg: 'HS256' })],
    ['with a payload that is a list', () => craftedProof(keys, [good()])],
    [
      'with a claim twice (T22)',
      async () => {
        const head = jsonPart({ typ: 'dpop+jwt', alg: 'ES256', jwk: await publicJwkOf(keys.publicKey) });
        const body = `${JSON.stringify(good()).slice(0, -1)},"htm":"POST"}`;
        return craftedSignature(keys, `${head}.${Buffer.from(body).toString('base64url')}`);
      },
    ],
  ])('%s (T24)', async (_name, made) => {
    expect(await told(await made())).toBe(INVALID);
  });
});

describe('An agent’s key', () => {
  test('is known by its RFC 7638 thumbprint, as another library computes it', async () => {
    for (const alg of ['ES256', 'Ed25519'] as const) {
      const { publicKey } = await dpop.generateKeyPair(alg, { extractable: true });
      const key = proofKeyOf({ ...(await publicJwkOf(publicKey)), kid: 'mine', use: 'sig' });
      expect(key?.thumbprint).toBe(await dpop.calculateThumbprint(publicKey));
    }
  });

  test('that is none of P-256 or Ed25519 is refused; none at all is null', async () => {
    const rsa = await dpop.generateKeyPair('RS256', { extractable: true });
    const jwk = await crypto.subtle.exportKey('jwk', rsa.publicKey);
    for (const wrong of [jwk, {}, 'key', { kty: 'EC', crv: 'P-384', x: 'x', y: 'y' }])
      expect(() => proofKeyOf(wrong)).toThrow(/not a valid JWK/);
    expect([proofKeyOf(null), proofKeyOf(undefined)]).toEqual([null, null]);
  });
});
