import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ChildSpec, type Supervised, supervise } from '#scripts/supervision';
import { breakIn, NOTHING, nodeForAll, worldWritable } from '#testing/intruder';
import { makeKeys } from './keys';
import { type Layout, layoutOf, makeFolders, openFolder } from './layout';
import { openSecrets } from './secrets';
import { type ProcessUsers, processUsers } from './users';

/*
 * The files and processes of a real start as root, and what somebody can do who
 * has taken one of the three processes over. Only root can make users.
 */

const NAMES = ['web', 'warden', 'gateway'] as const;
const asRoot = process.getuid?.() === 0;
if (!asRoot) console.warn('SKIPPED: the attacks between three users, since only root can make users.');

describe.skipIf(!asRoot)('As root', () => {
  let dir: string;
  let layout: Layout;
  let users: ProcessUsers;
  let node: string;
  const running = new Map<string, Supervised>();

  beforeAll(async () => {
    dir = mkdtempSync('/tmp/countersign-users-');
    layout = layoutOf(join(dir, 'data'));
    const made = processUsers(() => undefined);
    if (made === null) throw new Error('root and no users');
    users = made;
    chmodSync(dir, 0o755);
    node = nodeForAll(dir);
    mkdirSync(join(dir, 'program/scripts/supervision'), { recursive: true });
    cpSync('scripts/supervision/leash.mjs', join(dir, 'program/scripts/supervision/leash.mjs'));
    openFolder(layout.dir);
    makeFolders(layout, users);
    makeKeys(layout, users);
    openSecrets(layout);
    for (const name of NAMES)
      running.set(
        name,
        supervise(specOf(name), () => undefined),
      );
    await vi.waitUntil(() => NAMES.every((name) => logOf(name).includes('running')), { timeout: 10_000 });
  });
  afterAll(async () => {
    for (const one of running.values()) await one.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const logOf = (name: (typeof NAMES)[number]): string =>
    existsSync(layout[name].log) ? readFileSync(layout[name].log, 'utf8') : '';

  function specOf(name: (typeof NAMES)[number]): ChildSpec {
    const groups = "require('node:fs').readFileSync('/proc/self/status', 'utf8').match(/^Groups:(.*)$/m)[1].trim()";
    const program = `console.log(JSON.stringify({ running: true, uid: process.getuid(), gid: process.getgid(), groups: ${groups}, home: process.env.HOME ?? null })); setInterval(() => {}, 1000)`;
    return {
      name,
      args: ['-e', program],
      env: { NODE_ENV: 'production', DATABASE_URL: `postgresql://canary-of-${name}` },
      logFile: layout[name].log,
      workshop: layout.dir,
      owner: users[name],
      program: { cwd: join(dir, 'program'), node },
    };
  }

  const privateFiles = (name: (typeof NAMES)[number]): string[] => {
    const { dir: _, ...files } = layout[name];
    return Object.values(files).filter((path) => existsSync(path) && statSync(path).isFile());
  };
  const pidOf = (name: string): number => running.get(name)?.pid() ?? 0;

  test.each(NAMES)('%s runs as its own user, in no other group and without a home', (name) => {
    const { uid, gid } = users[name];
    expect(JSON.parse(logOf(name))).toEqual({ running: true, uid, gid, groups: '', home: null });
  });

  test.each(NAMES)('%s reads and lists what is its own', (name) => {
    const own = privateFiles(name);
    expect(own.length).toBeGreaterThan(1);
    const loot = breakIn({ as: users[name], node, files: own, folders: [layout[name].dir], pids: [pidOf(name)] });
    expect(loot).toMatchObject({ read: own, listed: [layout[name].dir], environments: [pidOf(name)] });
  });

  test.each(NAMES)(
    '%s, taken over, reads, lists, traces and stops nothing of the others and of the starter (P6)',
    (name) => {
      const others = NAMES.filter((other) => other !== name);
      const files = [...others.flatMap(privateFiles), layout.secrets];
      expect(files.length).toBeGreaterThan(5);
      const folders = [...others.map((other) => layout[other].dir), layout.dir];
      const pids = [...others.map(pidOf), process.pid];
      expect(breakIn({ as: users[name], node, files, folders, pids })).toEqual(NOTHING);
    },
  );

  test.each(NAMES)('%s reads every public key and changes none', (name) => {
    const files = ['warden.pem', 'gateway.pem'].map((file) => join(layout.public, file));
    const loot = breakIn({ as: users[name], node, files, folders: [layout.public], pids: [] });
    expect(loot).toEqual({ ...NOTHING, read: files, listed: [layout.public] });
  });

  test('Nothing in the folder may be written to by everybody', () => {
    expect(worldWritable(layout.dir)).toEqual([]);
    expect((statSync(layout.dir).mode & 0o777).toString(8)).toBe('711');
  });

  test('A link that a taken process leaves where its files are is never followed by root', async () => {
    const precious = join(dir, 'precious');
    writeFileSync(precious, 'as it was', { mode: 0o600 });
    const log = layout.web.log;
    await running.get('web')?.stop();
    rmSync(log);
    symlinkSync(precious, log);
    rmSync(layout.web.sessionSecret);
    symlinkSync(join(dir, 'not-there'), layout.web.sessionSecret);
    makeFolders(layout, users);
    makeKeys(layout, users);
    const again = supervise(specOf('web'), () => undefined);
    running.set('web', again);
    await expect.poll(() => again.lastWords()).toContain('running');
    expect(readFileSync(precious, 'utf8')).toBe('as it was');
    expect([existsSync(join(dir, 'not-there')), statSync(precious).uid]).toEqual([false, 0]);
  });

  test("A key that is a link to another user's file stops the start, and its content is not said", () => {
    rmSync(layout.gateway.key);
    symlinkSync(layout.warden.signingKey, layout.gateway.key);
    expect(() => makeKeys(layout, users)).toThrow(/gateway\.pem must be a plain file that belongs to the user/);
    rmSync(layout.gateway.key);
    writeFileSync(layout.gateway.key, 'canary-of-a-file', { mode: 0o600 });
    expect(() => makeKeys(layout, users)).toThrow(/must be a plain file/);
  });

  test('A folder that everybody may write to, or a parent that is closed, is left as it is', () => {
    expect(() => openFolder('/tmp')).toThrow(/^\/tmp belongs to somebody else or may be written to by everybody/);
    const closed = join(dir, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    openFolder(join(closed, 'data'));
    expect((statSync(closed).mode & 0o777).toString(8)).toBe('700');
  });
});
