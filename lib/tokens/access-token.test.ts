import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { highS, jsonPart, lowS, otherSpellings } from '#testing/tokens';
import { createTokenVerifier, isInTime, protectedHeader, tokenKeyOf } from './index';

/*
 * Tokens are signed by a foreign library here, as the warden has them signed.
 */

const issuer = 'https://gateway.example.com';
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [ours, next, foreign] = [pair(), pair(), pair()];
const verify = createTokenVerifier([ours.publicKey, next.publicKey], { issuer });

const CLAIMS = {
  iss: issuer,
  sub: 'agt_1',
  client_id: 'agt_1',
  aud: `${issuer}/t/railway`,
  jti: 'grn_1',
  iat: 1_000,
  nbf: 1_000,
  exp: 1_600,
  authorization_details: [{ type: 'countersign', locations: [], actions: ['update'], resources: ['volume/v1'] }],
  cnf: { jkt: 'x' },
  ask_token: 'hash',
  target_id: 'tgt_1',
};

interface Signed {
  readonly by?: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly claims?: object;
  readonly header?: object;
}

async function signed({ by = ours, claims = {}, header = {} }: Signed = {}): Promise<string> {
  const { kid } = tokenKeyOf(by.publicKey);
  const payload = Object.entries({ ...CLAIMS, ...claims }).filter(([, value]) => value !== undefined);
  const token = new SignJWT(Object.fromEntries(payload))
    .setProtectedHeader({ ...protectedHeader(kid), ...header })
    .sign(by.privateKey);
  return lowS(await token);
}

describe('A token the warden signed', () => {
  test('says its claims, under any key the verifier knows (RFC 9068)', async () => {
    expect(verify(await signed())).toEqual(CLAIMS);
    expect(verify(await signed({ by: next }))).toEqual(CLAIMS);
  });

  test('is taken with low s and not with high s, whatever the message (T25)', async () => {
    for (let n = 0; n < 20; n += 1) {
      const token = await signed({ claims: { jti: `grn_${n}` } });
      expect(verify(token)?.jti).toBe(`grn_${n}`);
      expect(verify(highS(token))).toBeNull();
    }
  });

  test('has one spelling (T25)', async () => {
    const token = await signed();
    const spellings = otherSpellings(token);
    expect(spellings.length).toBeGreaterThan(25);
    for (const [name, text] of spellings) expect(verify(text), name).toBeNull();
    expect(verify(token)).not.toBeNull();
  });
});

describe('No token of ours is (T24)', () => {
  test.each<[string, Signed]>([
    ['one that another key signed', { by: foreign }],
    ['one that another key signed under our kid', { by: foreign, header: { kid: tokenKeyOf(ours.publicKey).kid } }],
    ['one under the kid of our other key', { header: { kid: tokenKeyOf(next.publicKey).kid } }],
    ['one under no kid', { header: { kid: undefined } }],
    ['one of another type', { header: { typ: 'JWT' } }],
    ['a proof', { header: { typ: 'dpop+jwt' } }],
    ['one that brings a key', { header: { jwk: tokenKeyOf(ours.publicKey).jwk } }],
    ['one that names a key’s address', { header: { jku: 'https://evil.example/jwks.json' } }],
    ['one with an extension', { header: { ext: true } }],
    ['one of another issuer', { claims: { iss: 'https://other.example' } }],
    ['one without a grant', { claims: { jti: undefined } }],
    ['one without an agent', { claims: { sub: undefined } }],
    ['one without an end', { claims: { exp: undefined } }],
    ['one whose end is text', { claims: { exp: '9999999999' } }],
    ['one for two audiences', { claims: { aud: ['a', 'b'] } }],
    ['one that allows nothing', { claims: { authorization_details: [] } }],
    ['one of another kind of details', { claims: { authorization_details: [{ type: 'payment' }] } }],
    ['one bound to no key it names', { claims: { cnf: {} } }],
  ])('%s', async (_name, made) => {
    expect(verify(await signed(made))).toBeNull();
  });

  test('one whose header says no algorithm or a shared secret’s', async () => {
    const [, body = '', signature = ''] = (await signed()).split('.');
    const { kid } = tokenKeyOf(ours.publicKey);
    for (const alg of ['none', 'None', 'HS256', 'ES384', 'RS256', 'es256'])
      for (const third of ['', signature, 'AAAA'])
        expect(verify(`${jsonPart({ ...protectedHeader(kid), alg })}.${body}.${third}`), alg).toBeNull();
  });

  test.each([
    ['nothing', ''],
    ['a dot', '.'],
    ['two dots', '..'],
    ['three dots', '...'],
    ['three letters', 'a.b.c'],
    ['JSON', '{}'],
    ['a text without end', 'x'.repeat(100_000)],
    ['a header without end', `${'e30'.repeat(5_000)}.e30.${'A'.repeat(86)}`],
  ])('%s', (_name, text) => {
    expect(verify(text)).toBeNull();
  });

  test('one whose JSON two parsers read in two ways (T22)', () => {
    const { kid } = tokenKeyOf(ours.publicKey);
    const header = jsonPart(protectedHeader(kid));
    for (const text of [
      `${JSON.stringify(CLAIMS).slice(0, -1)},"sub":"agt_2"}`,
      `\uFEFF${JSON.stringify(CLAIMS)}`,
      '7',
    ])
      expect(verify(signedText(`${header}.${Buffer.from(text).toString('base64url')}`))).toBeNull();
  });
});

function signedText(input: string): string {
  const signature = sign('sha256', Buffer.from(input), { key: ours.privateKey, dsaEncoding: 'ieee-p1363' });
  return lowS(`${input}.${signature.toString('base64url')}`);
}

test.each<[now: number, isIn: boolean]>([
  [939, false],
  [940, true],
  [1_000, true],
  [1_599, true],
  [1_600, false],
])('At %i s a token from 1000 to 1600 is in time: %s', (now, isIn) => {
  expect(isInTime(CLAIMS, new Date(now * 1000))).toBe(isIn);
});
