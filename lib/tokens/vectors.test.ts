import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCompact } from './compact';
import { ed25519Holds, es256Holds, hasLowS, withLowS } from './signature';

/*
 * Wycheproof's vectors, held against the reader and the two signature checks
 * that all tokens and proofs go through.
 */

const VECTORS = '../shared/vectors/wycheproof';
const isThere = existsSync(VECTORS);
if (!isThere) console.warn(`Skipped, since ${VECTORS} is absent: Wycheproof's JWS, ECDSA and Ed25519 vectors.`);

interface Vector {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}

interface File<Group, Test> {
  readonly testGroups: ReadonlyArray<Group & { readonly tests: ReadonlyArray<Vector & Test> }>;
}

const read = <Group, Test>(name: string): File<Group, Test>['testGroups'] =>
  isThere ? (JSON.parse(readFileSync(`${VECTORS}/${name}`, 'utf8')) as File<Group, Test>).testGroups : [];

interface JwsGroup {
  readonly public?: JsonWebKey & { readonly alg?: string };
  readonly private: JsonWebKey & { readonly alg?: string };
}

/** Decoders that skip what is no base64url take these two; here a token has one spelling. */
const FORGIVEN_ELSEWHERE = [372, 373];

/** Called invalid for padding that the file has lost: they are vector 357, letter by letter. */
const SAME_AS_A_VALID_ONE = [367, 370];

describe.skipIf(!isThere)('JWS in compact form (Wycheproof)', () => {
  const groups = read<JwsGroup, { readonly jws: unknown }>('json_web_signature_test.json');
  const of = (alg: string) => groups.filter((group) => (group.public ?? group.private).alg === alg);

  /** The tokens a check takes, and the ones Wycheproof says it may. */
  function compare(alg: string, holds: (group: JwsGroup, token: string) => boolean) {
    const tests = of(alg).flatMap(({ tests: each, ...group }) => each.map((one) => ({ ...one, group })));
    const taken = tests.filter(({ group, jws }) => typeof jws === 'string' && holds(group, jws));
    return { tests, taken: taken.map(({ tcId }) => tcId) };
  }

  test('ES256: what is valid is taken, and nothing else', () => {
    const { tests, taken } = compare('ES256', (group, token) => {
      const parts = readCompact(token);
      const key = createPublicKey({ key: group.public ?? {}, format: 'jwk' });
      return parts !== null && es256Holds(key, parts.signed, parts.signature);
    });
    expect(tests.length).toBeGreaterThan(30);
    expect(taken).toEqual(tests.filter(({ result }) => result === 'valid').map(({ tcId }) => tcId));
  });

  test('The reader takes what has one spelling, shown with HMAC’s vectors', () => {
    const { tests, taken } = compare('HS256', ({ private: { k = '' } }, token) => {
      const parts = readCompact(token);
      if (parts === null) return false;
      const mac = createHmac('sha256', Buffer.from(k, 'base64url')).update(parts.signed).digest();
      return mac.equals(parts.signature);
    });
    const valid = tests.filter(({ result }) => result === 'valid').map(({ tcId }) => tcId);
    expect(valid.length).toBeGreaterThan(5);
    const expected = [...valid.filter((id) => !FORGIVEN_ELSEWHERE.includes(id)), ...SAME_AS_A_VALID_ONE];
    expect(taken).toEqual(expected.sort((a, b) => a - b));
  });
});

interface SignatureTest {
  readonly msg: string;
  readonly sig: string;
}

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe.skipIf(!isThere)('ECDSA on P-256 (Wycheproof)', () => {
  const groups = read<{ readonly publicKeyPem: string }, SignatureTest>('ecdsa_secp256r1_sha256_test.json');
  const all = groups.flatMap(({ publicKeyPem, tests }) =>
    tests.map((one) => ({ ...one, key: createPublicKey(publicKeyPem), raw: rawOf(bytesOf(one.sig)) })),
  );

  test('What is valid holds with either value of s, and only one of the two is low', () => {
    const valid = all.filter(({ result }) => result === 'valid');
    expect(valid.length).toBeGreaterThan(100);
    let high = 0;
    for (const { tcId, key, msg, raw } of valid) {
      if (raw === null) throw new Error(`vector ${tcId} is no DER`);
      expect(es256Holds(key, bytesOf(msg), raw), `vector ${tcId}`).toBe(true);
      const low = withLowS(raw);
      expect(hasLowS(low)).toBe(true);
      expect(es256Holds(key, bytesOf(msg), low), `vector ${tcId} with low s`).toBe(true);
      expect(hasLowS(raw)).toBe(Buffer.compare(low, raw) === 0);
      if (!hasLowS(raw)) high += 1;
    }
    expect(high).toBeGreaterThan(10);
  });

  test('What is invalid and fits into 64 bytes does not hold', () => {
    const invalid = all.flatMap((one) =>
      one.result === 'invalid' && one.raw !== null ? [{ ...one, raw: one.raw }] : [],
    );
    expect(invalid.length).toBeGreaterThan(50);
    for (const { tcId, key, msg, raw } of invalid)
      expect(es256Holds(key, bytesOf(msg), raw), `vector ${tcId}`).toBe(false);
  });

  test('No signature in DER holds, valid or not: its length is another (RFC 7518 §3.4)', () => {
    for (const { key, msg, sig } of all.filter(({ sig: hex }) => hex.length !== 128))
      expect(es256Holds(key, bytesOf(msg), bytesOf(sig))).toBe(false);
  });
});

/** R and S of strict DER as 64 bytes; null for all that is not strict, negative or too long. */
function rawOf(der: Buffer): Buffer | null {
  const [tag, length, ...rest] = der;
  if (tag !== 0x30 || length !== rest.length) return null;
  const first = integerAt(rest, 0);
  const second = first === null ? null : integerAt(rest, first.end);
  return first === null || second === null || second.end !== rest.length
    ? null
    : Buffer.concat([first.value, second.value]);
}

function integerAt(bytes: readonly number[], at: number): { readonly value: Buffer; readonly end: number } | null {
  const length = bytes[at + 1] ?? 0;
  const end = at + 2 + length;
  const value = bytes.slice(at + 2, end);
  const [lead = 0x80, next = 0x80] = value;
  const isPadded = lead === 0 && value.length > 1 && next < 0x80;
  if (bytes[at] !== 2 || value.length !== length || lead >= 0x80 || isPadded) return null;
  const digits = value.length > 1 && lead === 0 ? value.slice(1) : value;
  return digits.length > 32 ? null : { value: Buffer.from([...Array(32 - digits.length).fill(0), ...digits]), end };
}

describe.skipIf(!isThere)('Ed25519 (Wycheproof)', () => {
  const groups = read<{ readonly publicKeyPem: string }, SignatureTest>('ed25519_test.json');

  test('What is valid holds, and nothing else', () => {
    const all = groups.flatMap(({ publicKeyPem, tests }) =>
      tests.map((one) => ({ ...one, key: createPublicKey(publicKeyPem) })),
    );
    expect(all.length).toBeGreaterThan(100);
    for (const { tcId, key, msg, sig, result } of all)
      expect(ed25519Holds(key, bytesOf(msg), bytesOf(sig)), `vector ${tcId}`).toBe(result === 'valid');
  });
});
