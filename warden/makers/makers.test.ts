import { type KeyObject, sign, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pinnedRoots } from '#lib/attestation';
import { base64url } from '#lib/core';
import { bits, certify, element, newAuthority, oid, sequence } from '#testing/security-key';
import { createAlarms } from '#warden/alarms';
import { createMakers } from './makers';

const FILE = 'fido-metadata.jwt';
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'countersign-makers-'));
  chmodSync(dir, 0o755);
});
afterEach(() => rmSync(dir, { recursive: true }));

const builtIn = pinnedRoots().length;

const AAGUID = '2fc0579f-8113-47ea-b116-bb5a8db9202a';
const DAY_MS = 86_400_000;
const globalSign = newAuthority({ CN: 'GlobalSign' });
const HOST = 'mds.fidoalliance.org';
const part = (value: unknown): string => base64url(Buffer.from(JSON.stringify(value)));

/** FIDO's metadata, as FIDO would sign it; `reported` says whether its one model was. */
function edition(number: number, { reported = false, nextUpdate = '2999-01-01' } = {}): string {
  const host = { id: '2.5.29.17', value: sequence(element(0x82, Buffer.from(HOST))) };
  const { certificate, privateKey: key } = globalSign.issue({ subject: { CN: HOST }, extensions: [host] });
  const entry = {
    ...{ aaguid: AAGUID, attestationCertificateKeyIdentifiers: ['ab'.repeat(20)] },
    metadataStatement: { description: 'Some key', attestationRootCertificates: [] },
    statusReports: [{ status: reported ? 'REVOKED' : 'FIDO_CERTIFIED' }],
  };
  const head = { alg: 'ES256', x5c: [certificate.raw.toString('base64')] };
  const signed = `${part(head)}.${part({ ['no']: number, nextUpdate, entries: [entry] })}`;
  return `${signed}.${base64url(sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }))}`;
}

function makers(now = () => new Date()) {
  const alarms = createAlarms(
    () => undefined,
    () => new Date(),
  );
  const files = { rootsDir: dir, metadataFile: join(dir, FILE), seenFile: join(dir, 'seen.json') };
  const made = createMakers({ ...files, alarms, now, signers: [globalSign.certificate] });
  return {
    made,
    text: () =>
      alarms
        .list()
        .map(({ text }) => text)
        .join(),
    reported: () => {
      const { byAaguid, byKeyIdentifier } = made.current().metadata ?? {};
      return [byAaguid?.get(AAGUID)?.compromised, byKeyIdentifier?.get('ab'.repeat(20))?.compromised];
    },
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
  put(FILE, 'a.b.c');
  expect([made.current().metadata, raised()]).toEqual([null, ['fido_metadata_refused']]);
  rmSync(join(dir, FILE));
  expect([made.current().metadata, raised()]).toEqual([null, []]);
});

const REPORTED = ['REVOKED', 'REVOKED'];

test('Metadata that was there and is gone raises an alarm, also after a restart, and what it reported stays refused', () => {
  put(FILE, edition(7, { reported: true }));
  const first = makers();
  expect([first.reported(), first.raised()]).toEqual([REPORTED, []]);
  rmSync(join(dir, FILE));
  for (const later of [first, makers()]) {
    expect([later.reported(), later.raised()]).toEqual([REPORTED, ['fido_metadata_refused']]);
    expect(later.text()).toContain('it is gone, and edition 7 was there.');
    expect(later.made.status().metadata).toBeNull();
    expect(later.made.words()).toContain('models that its edition 7 reported are refused');
  }
  put(FILE, edition(7, { reported: true }));
  expect([first.reported(), first.raised()]).toEqual([REPORTED, []]);
});

test('An older edition than one that was there is not used, and what that one reported stays refused', () => {
  put(FILE, edition(7, { reported: true }));
  expect(makers().reported()).toEqual(REPORTED);
  put(FILE, edition(6));
  const later = makers();
  expect([later.reported(), later.raised()]).toEqual([REPORTED, ['fido_metadata_refused']]);
  expect(later.text()).toContain('it is edition 6, and 7 was there.');
  put(FILE, 'a.b.c');
  expect([later.reported(), later.raised()]).toEqual([REPORTED, ['fido_metadata_refused']]);
});

test('A newer edition decides what is reported, also once it is gone', () => {
  put(FILE, edition(7, { reported: true }));
  const { made, reported, raised } = makers();
  expect(reported()).toEqual(REPORTED);
  put(FILE, edition(8));
  expect([made.status().metadata?.number, reported(), raised()]).toEqual([8, [null, null], []]);
  rmSync(join(dir, FILE));
  expect(makers().reported()).toEqual([undefined, undefined]);
});

test('What was seen is kept where only the warden reads and writes', () => {
  put(FILE, edition(7));
  makers().made.current();
  expect(statSync(join(dir, 'seen.json')).mode & 0o777).toBe(0o600);
});

test('Metadata after which another was due is used, and alarms once that day is over, without a change of the file', () => {
  put(FILE, edition(7, { nextUpdate: '2999-01-01' }));
  const today = new Date();
  let now = today;
  const { made, raised, text } = makers(() => now);
  expect([made.status().metadata?.number, raised()]).toEqual([7, []]);
  now = new Date(Date.parse('2999-01-01') + DAY_MS - 1);
  made.status();
  expect(raised()).toEqual([]);
  now = new Date(now.getTime() + 1);
  expect([made.status().metadata?.number, raised()]).toEqual([7, ['fido_metadata_old']]);
  expect(text()).toContain('is edition 7, after which another was due on 2999-01-01');
  now = today;
  put(FILE, edition(8));
  made.status();
  expect(raised()).toEqual([]);
});
