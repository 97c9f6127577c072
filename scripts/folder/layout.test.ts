import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newAuthority } from '#testing/security-key';
import { createAlarms } from '#warden/alarms';
import { createMakers } from '#warden/makers';
import { openVault } from '#warden/vault';
import { makeKeys } from './keys';
import { type Layout, layoutOf, makeFolders, openFolder } from './layout';
import { openSecrets } from './secrets';
import { processUsers } from './users';

let dir: string;
let layout: Layout;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'countersign-layout-'));
  layout = layoutOf(join(dir, 'data'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** By whoever runs the tests, for nobody else. */
function make(): void {
  openFolder(layout.dir);
  makeFolders(layout, null);
  makeKeys(layout, null);
}

const text = (path: string): string => readFileSync(path, 'utf8');
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('Each process has a folder that is closed to others, and public keys are open to all', () => {
  make();
  for (const name of ['web', 'warden', 'gateway'] as const) {
    expect(modeOf(layout[name].dir)).toBe('700');
    for (const file of readdirSync(layout[name].dir).filter((one) => one !== 'instance'))
      expect(modeOf(join(layout[name].dir, file)), file).toBe('600');
  }
  expect([modeOf(layout.gateway.instance), modeOf(layout.public)]).toEqual(['700', '755']);
  expect(readdirSync(layout.public).sort()).toEqual(['gateway.pem', 'warden.pem']);
  expect(modeOf(join(layout.public, 'warden.pem'))).toBe('644');
});

test('Who makes keys is said where only whoever starts it can write: the warden reads, and takes it from nobody else', () => {
  make();
  expect([layout.makers.dir, layout.makers.roots].map(modeOf)).toEqual(['755', '755']);
  expect(readdirSync(layout.makers.dir)).toEqual(['roots']);
  const alarms = createAlarms(
    () => undefined,
    () => new Date(),
  );
  const { roots: rootsDir, metadata: metadataFile } = layout.makers;
  const makers = createMakers({ rootsDir, metadataFile, seenFile: join(layout.makers.dir, 'seen'), alarms });
  writeFileSync(join(rootsDir, 'ours.pem'), newAuthority({ CN: 'Ours' }).certificate.toString(), { mode: 0o644 });
  expect([makers.status().roots, alarms.list()]).toEqual([1, []]);
});

test("What is published is the other half of each process's own key, as SPKI", () => {
  make();
  for (const [own, published] of [
    [layout.warden.signingKey, 'warden.pem'],
    [layout.gateway.key, 'gateway.pem'],
  ] as const) {
    const key = createPublicKey(createPrivateKey(text(own)));
    expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(text(join(layout.public, published))).toBe(key.export({ type: 'spki', format: 'pem' }));
  }
  expect(text(layout.gateway.nonceSecret)).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test('The warden opens its vault with what the starter made, and a second start makes nothing anew', () => {
  make();
  const files = [layout.warden.signingKey, layout.warden.sealKey, layout.gateway.key, layout.gateway.nonceSecret];
  const before = files.map(text);
  const vault = openVault(layout.warden.dir);
  const sealed = vault.seal('tgt_1', 'hush');
  make();
  expect(files.map(text)).toEqual(before);
  expect(openVault(layout.warden.dir).open('tgt_1', sealed)).toBe('hush');
  expect(createPublicKey(vault.signingKey).export({ type: 'spki', format: 'pem' })).toBe(
    text(join(layout.public, 'warden.pem')),
  );
});

test('A key that is none stops the start in one sentence that says nothing of what is in the file', () => {
  make();
  writeFileSync(layout.gateway.key, 'canary');
  expect(() => makeKeys(layout, null)).toThrow(/gateway\.pem is no P-256 private key: put the right one back/);
});

test("The processes' passwords are new at every start and stand in no file", () => {
  make();
  const [first, second] = [openSecrets(layout), openSecrets(layout)];
  expect([first.admin, first.owner, first.sample]).toEqual([second.admin, second.owner, second.sample]);
  for (const name of ['web', 'warden', 'gateway'] as const) {
    expect(first[name]).not.toBe(second[name]);
    expect(text(layout.secrets)).not.toContain(second[name]);
  }
  expect(modeOf(layout.secrets)).toBe('600');
});

/** The shell block of the documentation that makes keys by hand. */
const DOCUMENTED = /```sh\n(openssl genpkey[\s\S]+?)```/.exec(readFileSync('docs/operations.md', 'utf8'))?.[1] ?? '';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: making keys by hand, since openssl is not on this machine.');

test.skipIf(!hasOpenssl)('Keys made by hand, as documented, are taken as they are', () => {
  openFolder(layout.dir);
  makeFolders(layout, null);
  const { status, stderr } = spawnSync('sh', ['-ec', DOCUMENTED], { cwd: layout.dir, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const files = [layout.warden.signingKey, layout.warden.sealKey, layout.gateway.key, layout.gateway.nonceSecret];
  const published = ['warden.pem', 'gateway.pem'].map((name) => join(layout.public, name));
  const byHand = [...files, ...published].map(text);
  makeKeys(layout, null);
  expect([...files, ...published].map(text)).toEqual(byHand);
  const vault = openVault(layout.warden.dir);
  expect(vault.open('tgt_1', vault.seal('tgt_1', 'hush'))).toBe('hush');
  expect(text(layout.gateway.nonceSecret)).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test('What an earlier version kept is refused in one sentence that says what to do', () => {
  mkdirSync(layout.dir);
  writeFileSync(join(layout.dir, 'session.secret'), 'x');
  expect(() => openFolder(layout.dir)).toThrow(
    /holds the data of an earlier version.*: move it away \(mv \S+ \S+\.old\)/,
  );
});

test('Where the processes are not to be separate, one sentence says that the boundary is absent', () => {
  const said: string[] = [];
  expect(processUsers((line) => said.push(line), false)).toBeNull();
  expect(said).toEqual([
    expect.stringMatching(/^All processes run as the same user, so one that is taken over can read/),
  ]);
});
