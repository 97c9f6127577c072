import { generateKeyPairSync, type KeyObject, sign, type X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { base64url } from '#lib/core';
import {
  aaguidExtension,
  certify,
  element,
  newAuthority,
  newPair,
  packedMaker,
  sequence,
  u2fMaker,
} from '#testing/security-key';
import { compromise, type Metadata, openMetadata, pinnedRoots, prove } from './index';
import { keyIdentifier } from './metadata';

const MODEL = '2fc0579f-8113-47ea-b116-bb5a8db9202a';
const DAY_MS = 86_400_000;
const globalSign = newAuthority({ CN: 'GlobalSign' });
const now = new Date();

const host = (name: string) => ({ id: '2.5.29.17', value: sequence(element(0x82, Buffer.from(name))) });
const FIDO = 'mds.fidoalliance.org';

const signer = (name = FIDO, more: object = {}) =>
  globalSign.issue({ subject: { CN: name }, extensions: [host(name)], ...more });

const entry = (more: object = {}) => ({
  aaguid: '2FC0579F-8113-47EA-B116-BB5A8DB9202A',
  metadataStatement: { description: 'Some key', icon: 'data:image/png;base64,AAAA', attestationRootCertificates: [] },
  statusReports: [{ status: 'FIDO_CERTIFIED' }],
  ...more,
});

const part = (value: unknown): string => base64url(Buffer.from(JSON.stringify(value)));

/** A file as FIDO publishes it. */
function file(
  payload: object = {},
  {
    by = signer(),
    alg = 'ES256',
    key = by.privateKey,
  }: { by?: ReturnType<typeof signer>; alg?: string; key?: KeyObject } = {},
): string {
  const x5c = [by.certificate.raw.toString('base64')];
  const signed = `${part({ alg, typ: 'JWT', x5c })}.${part({ no: 7, nextUpdate: '2026-12-01', entries: [entry()], ...payload })}`;
  return `${signed}.${base64url(sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }))}`;
}

const open = (text: string, at = now): Metadata => openMetadata(text, [globalSign.certificate], at);

describe('FIDO’s metadata', () => {
  test('is read when FIDO signed it: edition, date, models by their AAGUID in either case', () => {
    const { number, nextUpdate, byAaguid } = open(file());
    expect([number, nextUpdate]).toEqual([7, '2026-12-01']);
    expect(byAaguid.get('2fc0579f-8113-47ea-b116-bb5a8db9202a')).toMatchObject({ name: 'Some key', compromised: null });
  });

  test('is read under RSA, as FIDO signs it', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const certificate = certify(
      { subject: { CN: FIDO }, publicKey: rsa.publicKey, extensions: [host(FIDO)] },
      globalSign,
    );
    const by = { certificate, privateKey: rsa.privateKey, subject: { CN: FIDO } };
    expect(open(file({}, { by, alg: 'RS256' })).number).toBe(7);
  });

  test.each([
    ['by another key', () => file({}, { key: newPair().privateKey })],
    ['by somebody else whom the same authority certifies', () => file({}, { by: signer('shop.example') })],
    [
      'with a certificate that has run out',
      () => file({}, { by: signer(FIDO, { to: new Date(now.getTime() - DAY_MS) }) }),
    ],
    [
      'under an authority of their own',
      () =>
        file({}, { by: newAuthority({ CN: 'GlobalSign' }).issue({ subject: { CN: FIDO }, extensions: [host(FIDO)] }) }),
    ],
    ['in no algorithm', () => file({}, { alg: 'none' })],
    ['in another algorithm than the key’s', () => file({}, { alg: 'RS256' })],
    [
      'and changed since',
      () =>
        file().replace(
          /\.([^.]+)\./,
          (_, body: string) => `.${part({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), no: 8 })}.`,
        ),
    ],
    ['and padded', () => `${file()}==`],
    ['and cut off', () => file().split('.').slice(0, 2).join('.')],
    ['by nobody', () => file().replace(/[^.]+$/, '')],
  ])('is not read where it was signed %s', (_case, make) => {
    expect(() => open(make())).toThrow();
  });

  test.each([
    'REVOKED',
    'USER_VERIFICATION_BYPASS',
    'ATTESTATION_KEY_COMPROMISE',
    'USER_KEY_REMOTE_COMPROMISE',
    'USER_KEY_PHYSICAL_COMPROMISE',
  ])('reports a model as %s, whatever was reported before and after', (status) => {
    const reports = [{ status: 'FIDO_CERTIFIED' }, { status }, { status: 'UPDATE_AVAILABLE' }];
    const metadata = open(file({ entries: [entry({ statusReports: reports })] }));
    const attestation = {
      format: 'none',
      aaguid: '2fc0579f-8113-47ea-b116-bb5a8db9202a',
      certificates: [],
      pubArea: null,
    };
    expect(compromise(attestation, { roots: [], metadata }, now)).toBe(`Some key: ${status}`);
    expect(compromise({ ...attestation, aaguid: '0'.repeat(36) }, { roots: [], metadata }, now)).toBeNull();
  });

  test('without a name, an icon that is no PNG, or a model of no kind we know is read all the same', () => {
    const odd = [
      entry({ metadataStatement: undefined }),
      { statusReports: [] },
      entry({
        metadataStatement: { description: 'x', icon: 'data:image/svg+xml,<svg>', attestationRootCertificates: 'none' },
      }),
    ];
    const { byAaguid } = open(file({ entries: odd }));
    expect([...byAaguid.values()].map(({ icon }) => icon)).toEqual([null]);
  });
});

describe('A maker’s root in it', () => {
  const uuid = (aaguid: Buffer): string => aaguid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const shown = (certificate: X509Certificate, aaguid: string, format = 'packed') => ({
    ...{ format, aaguid, pubArea: null },
    certificates: [certificate.raw],
  });
  const listing = (root: X509Certificate, more: object): Metadata =>
    open(
      file({
        entries: [
          entry({
            ...more,
            metadataStatement: { description: 'Listed', attestationRootCertificates: [root.raw.toString('base64')] },
          }),
        ],
      }),
    );

  test('proves keys of that model, and of no other', () => {
    const authority = newAuthority({ CN: 'Listed root' });
    const maker = packedMaker(authority);
    const leaf = authority.issue({ subject: { CN: 'Batch' }, extensions: [aaguidExtension(maker.aaguid)] }).certificate;
    const metadata = listing(authority.certificate, { aaguid: uuid(maker.aaguid) });
    expect(prove(shown(leaf, uuid(maker.aaguid)), { roots: [], metadata }, now)).toEqual({ proven: true });
    expect(prove(shown(leaf, uuid(Buffer.alloc(16, 9))), { roots: [], metadata }, now)).toMatchObject({
      proven: false,
    });
  });

  test('proves no U2F key, which has no model', () => {
    const authority = newAuthority({ CN: 'U2F root' });
    const leaf = authority.issue({ subject: { CN: 'Batch' } }).certificate;
    const more = { aaguid: undefined, attestationCertificateKeyIdentifiers: [keyIdentifier(leaf)?.toUpperCase()] };
    const metadata = listing(authority.certificate, more);
    expect(prove(shown(leaf, uuid(u2fMaker().aaguid), 'fido-u2f'), { roots: [], metadata }, now)).toMatchObject({
      proven: false,
    });
  });

  test('may be the certificate itself', () => {
    const { certificate } = newAuthority({ CN: 'Maker' }).issue({
      subject: { CN: 'Alone' },
      extensions: [aaguidExtension(Buffer.from(MODEL.replaceAll('-', ''), 'hex'))],
    });
    const metadata = listing(certificate, {});
    expect(prove(shown(certificate, '2fc0579f-8113-47ea-b116-bb5a8db9202a'), { roots: [], metadata }, now)).toEqual({
      proven: true,
    });
  });

  test('that is built in for phones vouches for no security key, though FIDO lists it', () => {
    const phones = newAuthority({ CN: 'Phones' });
    const pair = newPair();
    // An app chooses the subject of the certificate that its phone makes for a key of the app's.
    const leaf = certify(
      { subject: { C: 'US', O: 'x', OU: 'Authenticator Attestation', CN: 'x' }, publicKey: pair.publicKey },
      phones,
    );
    const metadata = listing(phones.certificate, {});
    const roots = [{ certificate: phones.certificate, formats: ['android-key'] as const }];
    expect(prove(shown(leaf, '2fc0579f-8113-47ea-b116-bb5a8db9202a'), { roots, metadata }, now)).toMatchObject({
      proven: false,
    });
    expect(pinnedRoots().length).toBeGreaterThan(5);
  });
});
