import { sign, type X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Makers, pinnedRoots, type Root, securityKeyRoot } from '#lib/attestation';
import { base64url } from '#lib/core';
import {
  aaguidExtension,
  androidMaker,
  appleMaker,
  type Cbor,
  type Ceremony,
  certify,
  context,
  element,
  type KeyMaker,
  newAuthority,
  newPair,
  onlyMaker,
  type PhoneSays,
  packedMaker,
  sequence,
  softKey,
  tpmMaker,
  u2fMaker,
} from '#testing/security-key';
import { challengeOf, verifyRegistration } from './index';

/*
 * What it takes for a key to count as hardware. The makers here exist for one
 * test; the warden knows their root by the same door as an owner's own.
 */

const SIGN = { origin: 'https://sign.example.com', rpId: 'example.com' };
const challenge = challengeOf('{"a":1}');
const DAY_MS = 86_400_000;

const register = (maker: KeyMaker, makers: Makers, how: Ceremony = {}, now = new Date()) =>
  verifyRegistration({
    registration: softKey(SIGN, {}, maker).register(base64url(challenge), how),
    ...{ challenge, relyingParty: SIGN, makers, now },
  });

const only = (root: X509Certificate, format: Root['formats'][number]): Makers => ({
  roots: [{ certificate: root, formats: [format] }],
  metadata: null,
});
const refused = { code: 'statement_refused' };

afterEach(() => vi.unstubAllGlobals());

describe('A key is attested', () => {
  test.each([
    ['packed', packedMaker()],
    ['tpm', tpmMaker()],
    ['apple', appleMaker()],
    ['android-key', androidMaker()],
  ] as const)('where its maker vouches for it in the format %s', async (format, maker) => {
    expect(await register(maker, only(maker.root, format))).toMatchObject({ class: 'attested', unproven: null });
  });

  test('through an authority in between', async () => {
    const root = newAuthority({ CN: 'Root' });
    const pair = newPair();
    const between = newAuthority({ CN: 'Between' }, pair);
    const { certificate } = between;
    const issued = root.issue({ subject: { CN: 'unused' } });
    expect(issued.certificate.ca).toBe(false);
    const middle = certify({ subject: { CN: 'Between' }, publicKey: pair.publicKey, ca: true }, root);
    const maker = packedMaker(between);
    const chained: KeyMaker = {
      ...maker,
      attest(made) {
        const { format, statement } = maker.attest(made);
        const [leaf] = statement.get('x5c') as readonly Uint8Array[];
        return { format, statement: new Map([...statement, ['x5c', [leaf as Uint8Array, middle.raw]]]) };
      },
    };
    const makers = { roots: [securityKeyRoot(root.certificate)], metadata: null };
    expect(await register(chained, makers)).toMatchObject({ class: 'attested' });
    expect(await register(maker, makers)).toMatchObject({ class: 'claimed' });
    expect(certificate.ca).toBe(true);
  });

  test('and stays synced where it is copied about, whoever vouches for it (T11)', async () => {
    const maker = packedMaker();
    expect(await register(maker, onlyMaker(maker), { synced: true })).toMatchObject({ class: 'synced' });
  });
});

describe('A key is only claimed to be hardware', () => {
  const honest = packedMaker();
  const claimed = (maker: KeyMaker, makers = onlyMaker(maker), now = new Date()) => register(maker, makers, {}, now);

  test('without an attestation, whatever model it names (T89)', async () => {
    const silent = { ...honest, attest: () => ({ format: 'none', statement: new Map() }) };
    expect(await claimed(silent)).toMatchObject({ class: 'claimed', unproven: 'It showed no proof of what it is.' });
  });

  test('where it vouches for itself (T89)', async () => {
    const self: KeyMaker = {
      ...honest,
      attest: ({ authData, clientDataHash, privateKey }) => ({
        format: 'packed',
        statement: new Map<string, Cbor>([
          ['alg', -7],
          ['sig', sign('sha256', Buffer.concat([authData, clientDataHash]), privateKey)],
        ]),
      }),
    };
    expect(await claimed(self)).toMatchObject({ class: 'claimed', unproven: 'It vouches for itself alone.' });
  });

  test('where its maker is nobody known here, also under a known name (T89)', async () => {
    const forger = packedMaker(newAuthority({ C: 'SE', O: 'Test maker', CN: 'Root' }));
    expect(await claimed(forger, onlyMaker(honest))).toMatchObject({ class: 'claimed' });
    expect(await claimed(honest, { roots: pinnedRoots(), metadata: null })).toMatchObject({ class: 'claimed' });
  });

  test('where the authority has run out', async () => {
    const from = new Date(Date.now() - 2 * DAY_MS);
    const to = new Date(Date.now() - DAY_MS);
    const maker = packedMaker(newAuthority({ CN: 'Old' }, newPair(), { from, to }));
    expect(await claimed(maker)).toMatchObject({ class: 'claimed' });
  });

  test('where what should be an authority is none', async () => {
    const leaf = newAuthority({ CN: 'Root' }).issue({ subject: { CN: 'Between' } });
    const below = packedMaker(
      newAuthority({ CN: 'Between' }, { privateKey: leaf.privateKey, publicKey: leaf.certificate.publicKey }),
    );
    expect(await claimed(below, { roots: [securityKeyRoot(leaf.certificate)], metadata: null })).toMatchObject({
      class: 'claimed',
    });
  });

  test.each([
    ['android-key', androidMaker()],
    ['tpm', tpmMaker()],
    ['apple', appleMaker()],
  ] as const)('where the root that vouches is not for the format %s', async (_format, maker) => {
    expect(await claimed(maker, only(maker.root, 'packed'))).toMatchObject({ class: 'claimed' });
  });

  test('in the format fido-u2f, whose keys ask for no person, under whatever root (T89)', async () => {
    const maker = u2fMaker();
    expect(await claimed(maker)).toMatchObject({ class: 'claimed', unproven: expect.stringContaining('U2F') });
  });

  test('where a phone certified a key that it did not make, or software made it', async () => {
    for (const says of [{ origin: 2 }, { level: 0 }, { purpose: 1 }]) {
      const maker = androidMaker(undefined, says);
      expect(await claimed(maker, only(maker.root, 'android-key'))).toMatchObject({ class: 'claimed' });
    }
  });

  test.each<readonly [string, PhoneSays]>([
    ['asks nobody, says its software', { noAuth: 'software' }],
    ['asks nobody, says its hardware', { noAuth: 'hardware' }],
    ['does not say how it asks', { userAuth: null }],
    ['asks by nothing', { userAuth: 0 }],
    ['says nothing of how the phone started', { boot: null }],
    ['is in a phone that is open', { locked: false }],
    ['is in a phone that started what its owner signed', { boot: 1 }],
    ['is in a phone that started whatever was there', { boot: 2 }],
  ])('where a phone’s key %s', async (_case, says) => {
    const maker = androidMaker(undefined, says);
    expect(await claimed(maker, only(maker.root, 'android-key'))).toMatchObject({
      class: 'claimed',
      unproven: expect.stringContaining('phone'),
    });
  });

  test('where a TPM certified a key that was loaded into it', async () => {
    for (const attributes of [0x0006_0470, 0x0006_0462, 0x0006_0452]) {
      const maker = tpmMaker(undefined, { attributes });
      expect(await claimed(maker, only(maker.root, 'tpm'))).toMatchObject({ class: 'claimed' });
    }
  });

  test('in a format that nobody verifies', async () => {
    for (const format of ['android-safetynet', 'compound'])
      expect(await claimed({ ...honest, attest: () => ({ format, statement: new Map() }) })).toMatchObject({
        class: 'claimed',
      });
  });
});

describe('A registration is refused', () => {
  const good = packedMaker();

  test.each([
    [
      'by a certificate of another model',
      packedMaker(undefined, { extensions: [aaguidExtension(Buffer.alloc(16, 1))] }),
    ],
    ['by an authority’s certificate', packedMaker(undefined, { ca: true })],
    ['by a certificate that has run out', packedMaker(undefined, { to: new Date(Date.now() - DAY_MS) })],
    ['by a certificate whose time has not come', packedMaker(undefined, { from: new Date(Date.now() + DAY_MS) })],
    ['by a certificate made for something else', packedMaker(undefined, { subject: { C: 'SE', O: 'M', CN: 'PIV' } })],
  ])('that is signed %s', async (_case, maker) => {
    await expect(register(maker, onlyMaker(maker))).rejects.toMatchObject(refused);
  });

  const resigned = (maker: KeyMaker, name: string): KeyMaker => ({
    ...maker,
    attest(made) {
      const { format, statement } = maker.attest(made);
      const bytes = Buffer.from(statement.get(name) as Uint8Array);
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
      return { format, statement: new Map([...statement, [name, bytes]]) };
    },
  });

  test.each([
    ['packed', packedMaker()],
    ['tpm', tpmMaker()],
    ['android-key', androidMaker()],
  ] as const)('whose attestation was not signed over it: %s', async (format, maker) => {
    await expect(register(resigned(maker, 'sig'), only(maker.root, format))).rejects.toMatchObject(refused);
  });

  test('whose attestation was not signed over it: fido-u2f', async () => {
    const maker = u2fMaker();
    await expect(register(resigned(maker, 'sig'), onlyMaker(maker))).rejects.toMatchObject(refused);
  });

  const [short, long] = [Buffer.alloc(31, 1), Buffer.alloc(33, 1)];
  const [modulus, e] = [Buffer.alloc(256, 0xc1), Buffer.from([1, 0, 1])];
  type Form = (x: Buffer, y: Buffer) => ReadonlyArray<readonly [Cbor, Cbor]>;
  const p256 = (x: Cbor, y: Cbor): ReadonlyArray<readonly [Cbor, Cbor]> => [
    ...([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, x],
      [-3, y],
    ] as const),
  ];
  const forms: ReadonlyArray<readonly [string, Form]> = [
    [
      'an RSA key over which a proven key’s coordinates are spread (T89)',
      (x, y) => {
        const [head, rest] = [Buffer.concat([x, y]).subarray(0, 3), Buffer.concat([x, y]).subarray(3)];
        return [
          [1, 3],
          [3, -257],
          [-1, modulus],
          [-2, head],
          [-3, rest],
        ];
      },
    ],
    ['a coordinate that is cut short', (_, y) => p256(short, y)],
    ['a coordinate that is too long', (x) => p256(x, long)],
    ['a label too many', (x, y) => [...p256(x, y), [-4, 1]]],
    ['a label of text', (x, y) => [...p256(x, y), ['1', 3]]],
    ['another curve', (x, y) => p256(x, y).map(([label, value]) => [label, label === -1 ? 2 : value])],
    [
      'another type than its algorithm’s',
      (x, y) => p256(x, y).map(([label, value]) => [label, label === 1 ? 3 : value]),
    ],
    [
      'an algorithm that is not asked for',
      (x, y) => p256(x, y).map(([label, value]) => [label, label === 3 ? -35 : value]),
    ],
    [
      'an Ed25519 key with a second coordinate',
      (x, y) => [
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, x],
        [-3, y],
      ],
    ],
    [
      'an RSA key that is too short',
      () => [
        [1, 3],
        [3, -257],
        [-1, Buffer.alloc(128, 0xc1)],
        [-2, e],
      ],
    ],
    [
      'an RSA key with exponent 1',
      () => [
        [1, 3],
        [3, -257],
        [-1, modulus],
        [-2, Buffer.from([1])],
      ],
    ],
  ];
  const makers = [packedMaker(), u2fMaker(), tpmMaker(), appleMaker(), androidMaker()];
  const silent = { ...good, attest: () => ({ format: 'none', statement: new Map() }) };

  test.each(forms)('whose key is %s, whoever vouches for it', async (_case, form) => {
    for (const maker of [...makers, silent]) {
      const odd: KeyMaker = { ...maker, cose: (x, y) => new Map(form(x, y)) };
      const all: Root = { certificate: maker.root, formats: ['packed', 'tpm', 'apple', 'android-key'] };
      await expect(register(odd, { roots: [all], metadata: null })).rejects.toMatchObject(refused);
    }
  });

  test.each<readonly [string, Form]>([
    [
      'Ed25519',
      (x) => [
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, x],
      ],
    ],
    [
      'RSA',
      () => [
        [1, 3],
        [3, -257],
        [-1, modulus],
        [-2, e],
      ],
    ],
  ])('whose key is %s in a format that has only P-256, and in `none` it is taken', async (_case, form) => {
    const cose: KeyMaker['cose'] = (x, y) => new Map(form(x, y));
    for (const maker of [u2fMaker(), appleMaker(), androidMaker()])
      await expect(register({ ...maker, cose }, onlyMaker(maker))).rejects.toMatchObject(refused);
    expect(await register({ ...silent, cose }, onlyMaker(good))).toMatchObject({ class: 'claimed' });
  });

  test.each<readonly [string, string, Cbor]>([
    ['numbers for certificates', 'x5c', [1, 2]],
    ['text for certificates', 'x5c', 'none'],
    ['another’s certificate behind text', 'x5c', ['none', packedMaker().root.raw]],
    ['no certificate', 'x5c', []],
    ['certificates that are none', 'x5c', [Buffer.from('none')]],
    ['text for a signature', 'sig', 'none'],
    ['a number for a format', 'alg', 'none'],
  ])('that shows %s', async (_case, name, value) => {
    const odd: KeyMaker = {
      ...good,
      attest(made) {
        const { format, statement } = good.attest(made);
        return { format, statement: new Map([...statement, [name, value]]) };
      },
    };
    await expect(register(odd, onlyMaker(good))).rejects.toMatchObject(refused);
  });

  test('whose attestation belongs to another registration', async () => {
    const other = good.attest({
      ...{ authData: Buffer.alloc(37), clientDataHash: Buffer.alloc(32), credentialId: Buffer.alloc(1) },
      ...newPair(),
    });
    await expect(register({ ...good, attest: () => other }, onlyMaker(good))).rejects.toMatchObject(refused);
  });

  test('whose model was reported compromised, proven or not', async () => {
    const aaguid = good.aaguid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const model = { name: 'Good key', icon: null, roots: [], compromised: 'USER_KEY_REMOTE_COMPROMISE' };
    const metadata = {
      number: 1,
      nextUpdate: '2026-01-01',
      byAaguid: new Map([[aaguid, model]]),
      byKeyIdentifier: new Map(),
    };
    const silent = { ...good, attest: () => ({ format: 'none', statement: new Map() }) };
    for (const maker of [good, silent])
      await expect(register(maker, { ...onlyMaker(good), metadata })).rejects.toMatchObject({
        code: 'not_allowed',
        message: expect.stringContaining('Good key: USER_KEY_REMOTE_COMPROMISE'),
      });
  });
});

test('A certificate of a stranger’s makes the warden call nobody, whatever address stands in it (T56)', async () => {
  const called = vi.fn(() => Promise.reject(new Error('no network')));
  vi.stubGlobal('fetch', called);
  const address = element(0x86, Buffer.from('http://169.254.169.254/latest'));
  const points = { id: '2.5.29.31', value: sequence(sequence(context(0, context(0, address)))) };
  const authority = newAuthority({ CN: 'Google root' }, newPair(), { extensions: [points] });
  for (const makers of [only(authority.certificate, 'android-key'), { roots: pinnedRoots(), metadata: null }]) {
    expect(await register(androidMaker(authority, { extensions: [points] }), makers)).toMatchObject({
      class: 'claimed',
    });
    await register(packedMaker(authority, {}), makers);
  }
  expect(called).not.toHaveBeenCalled();
});
