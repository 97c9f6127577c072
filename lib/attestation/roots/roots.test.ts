import type { X509Certificate } from 'node:crypto';
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
  'Google, to 2034': '1ef1a04b8ba58ab94589ac498c8982a783f24ea7307e0159a0c3a73b377d87cc',
  'Google, to 2036': 'ab6641178a36e179aa0c1cdddf9a16eb45fa20943e2b8cd7c7c05c26cf8b487a',
  'Google, to 2042': 'cedb1cb6dc896ae5ec797348bce9286753c2b38ee71ce0fbe34a9a1248800dfc',
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

test('A root that certifies more than authenticators proves only what it was made for', () => {
  const formats = new Map(pinnedRoots().map(({ certificate, formats: each }) => [certificate.subject, [...each]]));
  const of = (name: string): readonly string[] => [...formats].find(([subject]) => subject.includes(name))?.[1] ?? [];
  expect(of('Yubico Attestation Root 1')).toEqual(['packed']);
  expect(of('Microsoft TPM')).toEqual(['tpm']);
  expect(of('Apple')).toEqual(['apple']);
  expect(of('f92009e853b6b045')).toEqual(['android-key']);
});
