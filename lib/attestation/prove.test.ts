import type { KeyObject, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { aaguidExtension, bits, certify, newAuthority, newPair, octets, oid, sequence } from '#testing/security-key';
import { type Attestation, compromise, type Makers, type Metadata, type Model, prove, type Root } from './index';
import { keyIdentifier } from './metadata';

const now = new Date();
const AAGUID = Buffer.from('2fc0579f811347eab116bb5a8db9202a', 'hex');
const authority = newAuthority({ CN: 'Maker' });
const owners = { roots: [{ certificate: authority.certificate, formats: ['packed'] as const }], metadata: null };

const shown = (certificates: readonly X509Certificate[], format = 'packed'): Attestation => ({
  ...{ format, aaguid: '2fc0579f-8113-47ea-b116-bb5a8db9202a', pubArea: null },
  certificates: certificates.map(({ raw }) => raw),
});
const leafWith = (...extensions: ReadonlyArray<{ id: string; value: Uint8Array }>): X509Certificate =>
  authority.issue({ subject: { CN: 'Batch' }, extensions }).certificate;
const good = leafWith(aaguidExtension(AAGUID));
const builtIn: Makers = { roots: [{ ...owners.roots[0], mayOmitModel: true } as Root], metadata: null };

describe('A certificate of `packed`', () => {
  test('names the model, under a root that an owner or metadata listed', () => {
    expect(prove(shown([good]), owners, now)).toEqual({ proven: true });
    for (const leaf of [
      leafWith(),
      leafWith(aaguidExtension(Buffer.alloc(16))),
      leafWith({ ...aaguidExtension(AAGUID), value: AAGUID }),
    ])
      expect(prove(shown([leaf]), owners, now)).toMatchObject({ proven: false });
  });

  test('need not name it under a root that is built in', () => {
    expect(prove(shown([leafWith()]), builtIn, now)).toEqual({ proven: true });
  });

  test.each([
    ['an Android app’s', '1.3.6.1.4.1.11129.2.1.17'],
    ['a PIV slot’s', '1.3.6.1.4.1.41482.3.8'],
    ['an OpenPGP slot’s', '1.3.6.1.4.1.41482.5.2'],
  ])('is not %s, under any root, nor below one', (_case, id) => {
    const other = { id, value: octets(Buffer.alloc(1)) };
    for (const makers of [owners, builtIn])
      expect(prove(shown([leafWith(aaguidExtension(AAGUID), other)]), makers, now)).toMatchObject({ proven: false });
    const [subject, pair] = [{ CN: 'Between' }, newPair()];
    const between = certify({ subject, publicKey: pair.publicKey, ca: true, extensions: [other] }, authority);
    const leaf = newAuthority(subject, pair).issue({ subject: { CN: 'x' }, extensions: [aaguidExtension(AAGUID)] });
    expect(prove(shown([leaf.certificate, between]), builtIn, now)).toMatchObject({ proven: false });
  });

  test('of Yubico’s that tells the kind of key only is none of these', () => {
    const firmware = { id: '1.3.6.1.4.1.41482.13.1', value: octets(Buffer.from([5, 4, 3])) };
    expect(prove(shown([leafWith(firmware)]), builtIn, now)).toEqual({ proven: true });
  });
});

const model = (more: Partial<Model>): Model => ({ name: 'Listed', icon: null, roots: [], compromised: null, ...more });
const listing = (certificate: X509Certificate, more: Partial<Model>): Metadata => ({
  ...{ number: 1, nextUpdate: '2027-01-01', byAaguid: new Map() },
  byKeyIdentifier: new Map([[keyIdentifier(certificate) ?? '', model(more)]]),
});

describe('A report about U2F keys', () => {
  const reported = { compromised: 'REVOKED' };

  test('is found by the leaf, by an authority between, and by the root', () => {
    const [subject, pair] = [{ CN: 'Between' }, newPair()];
    const between = certify({ subject, publicKey: pair.publicKey, ca: true }, authority);
    const leaf = newAuthority(subject, pair).issue({ subject: { CN: 'U2F batch' } }).certificate;
    for (const listed of [leaf, between, authority.certificate]) {
      const makers = { ...owners, metadata: listing(listed, reported) };
      expect(compromise(shown([leaf, between], 'fido-u2f'), makers, now)).toBe('Listed: REVOKED');
    }
  });

  test('is not found by a certificate that was shown beside them', () => {
    const stranger = newAuthority({ CN: 'Stranger' });
    const makers = { ...owners, metadata: listing(stranger.certificate, reported) };
    expect(compromise(shown([good, stranger.certificate], 'fido-u2f'), makers, now)).toBeNull();
  });
});

describe('A certificate whose key cannot be decoded', () => {
  const spki = sequence(sequence(oid('1.2.3.4')), bits(Buffer.alloc(4)));
  const publicKey = { export: () => spki } as unknown as KeyObject;
  const odd = certify({ subject: { CN: 'Odd' }, publicKey, ca: true }, authority);
  const metadata: Metadata = {
    ...listing(good, {}),
    byAaguid: new Map([['2fc0579f-8113-47ea-b116-bb5a8db9202a', model({ roots: [odd.raw] })]]),
  };

  test('has no identifier', () => {
    expect(() => odd.publicKey).toThrow();
    expect(keyIdentifier(odd)).toBeNull();
  });

  test('proves nothing and throws nothing, wherever it stands', () => {
    for (const certificates of [[odd], [good, odd]]) {
      expect(prove(shown(certificates), { ...owners, metadata }, now)).toMatchObject({ proven: false });
      expect(compromise(shown(certificates), { ...owners, metadata }, now)).toBeNull();
    }
    expect(prove(shown([good]), { ...owners, metadata }, now)).toEqual({ proven: true });
  });
});
