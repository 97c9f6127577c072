import { type KeyObject, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pinnedRoots } from '#lib/attestation';
import { bits, certify, newAuthority, oid, sequence } from '#testing/security-key';
import { createAlarms } from '#warden/alarms';
import { createMakers } from './makers';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'countersign-makers-'));
  chmodSync(dir, 0o755);
});
afterEach(() => rmSync(dir, { recursive: true }));

const builtIn = pinnedRoots().length;

function makers() {
  const alarms = createAlarms(
    () => undefined,
    () => new Date(),
  );
  const made = createMakers({ rootsDir: dir, metadataFile: join(dir, 'fido-metadata.jwt'), alarms });
  return {
    made,
    raised: () => alarms.list().map(({ code }) => code),
    count: () => made.current().roots.length - builtIn,
  };
}

const put = (name: string, text: string, mode = 0o644): void => {
  writeFileSync(join(dir, name), text);
  chmodSync(join(dir, name), mode);
};
const pem = (): string => newAuthority({ CN: 'Ours' }).certificate.toString();

test('Without files the built-in makers count, and nothing is wrong', () => {
  const { made, raised, count } = makers();
  expect([count(), made.status(), raised()]).toEqual([0, { roots: 0, metadata: null }, []]);
});

test('A root that is put there counts at once, for security keys and phones, and no longer once it is gone', () => {
  const { made, count } = makers();
  expect(count()).toBe(0);
  put('ours.pem', pem() + pem());
  expect([count(), made.status().roots]).toEqual([2, 2]);
  put('again.pem', new X509Certificate(readFileSync(join(dir, 'ours.pem'))).toString());
  expect([count(), made.status().roots]).toEqual([2, 2]);
  rmSync(join(dir, 'again.pem'));
  expect(made.current().roots.at(-1)?.formats).toEqual(['packed', 'android-key']);
  rmSync(join(dir, 'ours.pem'));
  expect(count()).toBe(0);
});

test('A root that is built in is not taken for more by being put there again', () => {
  const { made, count } = makers();
  for (const [at, { certificate }] of pinnedRoots().entries()) put(`${at}.pem`, certificate.toString());
  expect([count(), made.status().roots]).toEqual([0, 0]);
});

test('A folder that others may write to says nothing, loudly', () => {
  const { raised, count } = makers();
  put('ours.pem', pem());
  chmodSync(dir, 0o777);
  expect([count(), raised()]).toEqual([0, ['maker_roots_refused']]);
  chmodSync(dir, 0o755);
  expect([count(), raised()]).toEqual([1, []]);
  put('ours.pem', pem(), 0o666);
  expect([count(), raised()]).toEqual([0, ['maker_roots_refused']]);
});

test('One broken file among them and none counts: nobody guesses which were meant', () => {
  const { raised, count } = makers();
  put('ours.pem', pem());
  put('other.pem', 'no certificate');
  expect([count(), raised()]).toEqual([0, ['maker_roots_refused']]);
});

test('A root whose key nobody can decode is refused with the others, and throws nowhere', () => {
  const { made, raised, count } = makers();
  const publicKey = { export: () => sequence(sequence(oid('1.2.3.4')), bits(Buffer.alloc(4))) } as unknown as KeyObject;
  put('odd.pem', certify({ subject: { CN: 'Odd' }, publicKey, ca: true }, newAuthority({ CN: 'Ours' })).toString());
  expect([count(), made.status().roots, raised()]).toEqual([0, 0, ['maker_roots_refused']]);
});

test('Metadata that FIDO did not sign is not used, and alarms until it is put right', () => {
  const { made, raised } = makers();
  put('fido-metadata.jwt', 'a.b.c');
  expect([made.current().metadata, raised()]).toEqual([null, ['fido_metadata_refused']]);
  rmSync(join(dir, 'fido-metadata.jwt'));
  expect([made.current().metadata, raised()]).toEqual([null, []]);
});
