import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fidoRoots, pinnedRoots } from './index';

/*
 * SHA-256 of each certificate as others publish it. Typed by hand once: a
 * certificate that is swapped later is another one.
 */
const PUBLISHED: Readonly<Record<string, string>> = {
  'Yubico U2F Root CA Serial 457200631': '0fa1386f80eb8713263ae5c1d84deb455bdf08aea50ab05503cefee82b092d42',
  'Yubico FIDO Root CA Serial 450203556': '35f1a54b353bfb711e6d42adbeb76c0e9dead095018e6a94783ba2192fd6faad',
  'Yubico Attestation Root 1': '62760c6a6ef91679f454c8902b80fd009825b3f25da90f1fbace2ec6586cd5a8',
  'Nitrokey Root CA 2': '0b4f8d8779be3267acfcdbf7befdfc3806b4dddfb2cdd6802d5173c6ccbf2268',
  'Apple WebAuthn Root CA': '0915dd5c07a28db549d1f677bb5a75d4bfbe9561a773424327762e9e02f9bb29',
  'Microsoft TPM Root Certificate Authority 2014': '870c7a35ceab3d59979f2c6a524042d404cb71518004350925fb2ced79a999da',
  'GlobalSign Root CA - R3': 'cbb522d7b7f127ad6a0113865bdf1cd4102e7d0759af635a7cf4720dc963c53b',
  'GlobalSign Root R46': '4fa3126d8d3a11d1c4855a4f807cbad6cf919d3a5a88b03bea2c6372d93c40c9',
};

const fingerprint = ({ fingerprint256 }: X509Certificate): string => fingerprint256.replaceAll(':', '').toLowerCase();
const all = [...pinnedRoots().map(({ certificate }) => certificate), ...fidoRoots()];

test('Every built-in root is the one that its maker published', () => {
  expect(all.map(fingerprint).sort()).toEqual(Object.values(PUBLISHED).sort());
});

test('Every built-in root is an authority’s, signed by itself, and still good', () => {
  for (const root of all) {
    expect(root.checkIssued(root), root.subject).toBe(true);
    expect(root.verify(root.publicKey), root.subject).toBe(true);
    expect(root.ca, root.subject).toBe(true);
    expect(Date.parse(root.validTo), root.subject).toBeGreaterThan(Date.parse('2028-01-01'));
  }
});

test('A root proves only what it was made for', () => {
  const proven = pinnedRoots().map(({ certificate, formats }) => [fingerprint(certificate), ...formats]);
  const { 'GlobalSign Root CA - R3': r3, 'GlobalSign Root R46': r46, ...makers } = PUBLISHED;
  const others: Readonly<Record<string, string>> = {
    'Apple WebAuthn Root CA': 'apple',
    'Microsoft TPM Root Certificate Authority 2014': 'tpm',
  };
  const wanted = Object.entries(makers).map(([name, hash]) => [hash, others[name] ?? 'packed']);
  expect(proven.sort()).toEqual(wanted.sort());
  expect(proven.flat()).not.toContain(r3);
  expect(proven.flat()).not.toContain(r46);
});

const VECTOR = '../shared/vectors/attestation/yubico-u2f-root-457200631.pem';
if (!existsSync(VECTOR)) console.warn(`Skipped, since ${VECTOR} is absent: Yubico’s U2F root as others keep it.`);

test.skipIf(!existsSync(VECTOR))('Yubico’s U2F root has the key that others know it by', () => {
  const known = new X509Certificate(readFileSync(VECTOR));
  const [own] = pinnedRoots().filter(({ certificate }) => certificate.subject === known.subject);
  expect(own?.certificate.publicKey.equals(known.publicKey)).toBe(true);
  // Theirs has another serial number than its name says, and its own signature does not hold over it.
  expect([known.verify(known.publicKey), own?.certificate.verify(known.publicKey)]).toEqual([false, true]);
});
