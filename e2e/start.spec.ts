import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { freeAddresses } from '#scripts/installation';
import { reapAfterDeath } from '#scripts/reaper';
import { breakIn, NOTHING, nodeForAll, worldWritable } from '#testing/intruder';

/*
 * `npm start` as its user sees it: what it prints, what it survives, what a
 * process that was taken over can reach, and that nothing is left of it.
 */
test.describe.configure({ mode: 'serial' });

interface Started {
  readonly process: ChildProcess;
  readonly env: Readonly<Record<string, string>>;
  output(): string;
}

const PROCESSES = ['web', 'warden', 'gateway'] as const;
let dir: string;
let removed: () => void;
let started: Started;

test.beforeAll(() => {
  dir = mkdtempSync('/tmp/countersign-start-');
  removed = reapAfterDeath({ folder: dir });
});

test.afterAll(async () => {
  started.process.kill('SIGTERM');
  if (started.process.exitCode === null) await once(started.process, 'exit');
  rmSync(dir, { recursive: true, force: true });
  removed();
});

async function start(env?: Readonly<Record<string, string>>, cwd = '.'): Promise<Started> {
  const addresses = env ?? { ...(await freeAddresses()), COUNTERSIGN_DIR: dir };
  const child = spawn(process.execPath, ['scripts/run.mjs', 'start'], {
    cwd,
    env: { ...addresses, PATH: process.env['PATH'], NODE_ENV: 'production' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { process: child, env: addresses, output: () => text };
}

const says = (words: string | RegExp) => expect.poll(() => started.output(), { timeout: 60_000 }).toMatch(words);

/** The children, by what they run. */
function children(starter = started.process.pid): Record<'web' | 'warden' | 'gateway' | 'postgres', number> {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(starter)], {
    encoding: 'utf8',
  }).split('\n');
  const find = (pattern: RegExp) => Number.parseInt(lines.find((line) => pattern.test(line))?.trim() ?? '0', 10);
  return {
    web: find(/next-server/),
    warden: find(/warden\.mjs/),
    gateway: find(/gateway\.mjs/),
    postgres: find(/bin\/postgres/),
  };
}

async function answers(path: string): Promise<boolean> {
  const [name = '', rest = ''] = path.split(' ');
  return fetch(`${started.env[name]}${rest}`).then(
    (answer) => answer.ok,
    () => false,
  );
}

const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

test('A first start ends with the address and a set-up link whose code is in the fragment', async () => {
  started = await start();
  await says(`Countersign runs at ${started.env['WEB_ORIGIN']}`);
  await says(new RegExp(`${started.env['SIGN_ORIGIN']}/setup#\\S+`));
});

test("Each process's environment holds its own way to the database, and nobody else's folder or role (P3, P6)", () => {
  const pids = children();
  const own = {
    web: ['countersign_web', 'SESSION_SECRET_FILE'],
    warden: ['countersign_warden', 'WARDEN_DATABASE_URL', 'WARDEN_DIR', 'sample.json'],
    gateway: ['countersign_gateway:', 'GATEWAY_DATABASE_URL', 'GATEWAY_DIR'],
  };
  for (const name of PROCESSES) {
    const environment = readFileSync(`/proc/${pids[name]}/environ`, 'utf8');
    for (const word of own[name]) expect(environment).toContain(word);
    for (const word of PROCESSES.filter((other) => other !== name).flatMap((other) => own[other]))
      expect(environment, `${name} has ${word}`).not.toContain(word);
    expect(environment).not.toMatch(/(^|\0)HOME=/);
  }
});

/** What lies in a process's own folder, and what the starter keeps for itself. */
const filesOf = (name: string): string[] =>
  readdirSync(join(dir, name), { recursive: true, encoding: 'utf8' })
    .map((file) => join(dir, name, file))
    .filter((path) => statSync(path).isFile());
const userOf = (name: string) => {
  const { uid, gid } = statSync(join(dir, name));
  return { uid, gid };
};

for (const name of PROCESSES) {
  test(`${name}, taken over, reaches no file and no process of the others and of the starter (P3, P6)`, () => {
    test.skip(process.getuid?.() !== 0, 'SKIPPED: only root can start three users.');
    const pids = children();
    const others = PROCESSES.filter((other) => other !== name);
    const uids = [...PROCESSES, 'postgres'].map((folder) => userOf(folder).uid);
    expect(new Set([...uids, 0]).size).toBe(5);
    expect(statSync(`/proc/${pids[name]}`).uid).toBe(userOf(name).uid);
    const nobodys = { as: userOf(name), node: nodeForAll(dir) };
    const own = filesOf(name);
    expect(breakIn({ ...nobodys, files: own, folders: [], pids: [pids[name]] })).toMatchObject({
      read: own,
      memories: [pids[name]],
    });
    const files = [...others.flatMap(filesOf), join(dir, 'secrets.json'), join(dir, 'postgres/pg_hba.conf')];
    expect(files.length).toBeGreaterThan(6);
    const folders = [dir, join(dir, 'postgres'), ...others.map((other) => join(dir, other))];
    const strangers = [started.process.pid ?? 0, pids.postgres, ...others.map((other) => pids[other])];
    expect(strangers).not.toContain(0);
    expect(breakIn({ ...nobodys, files, folders, pids: strangers })).toEqual(NOTHING);
    const keys = filesOf('public');
    expect(keys.length).toBe(2);
    expect(breakIn({ ...nobodys, files: keys, folders: [], pids: [] })).toEqual({ ...NOTHING, read: keys });
  });
}

test('Nothing that an installation keeps may be written to by everybody', () => {
  expect(worldWritable(dir)).toEqual([]);
});

for (const [name, door] of [
  ['warden', 'AGENT_ORIGIN /readyz'],
  ['gateway', 'GATEWAY_ORIGIN /readyz'],
  ['web', 'WEB_ORIGIN /api/readyz'],
  ['postgres', 'WEB_ORIGIN /api/readyz'],
] as const) {
  test(`kill -9 of ${name} is survived: it is started again and answers, and the others stay`, async () => {
    const all = children();
    const before = all[name];
    process.kill(before, 'SIGKILL');
    await expect.poll(() => children()[name], { timeout: 30_000 }).not.toBe(0);
    await expect.poll(() => children()[name], { timeout: 30_000 }).not.toBe(before);
    await expect.poll(() => answers(door), { timeout: 30_000 }).toBe(true);
    await expect.poll(() => answers('SIGN_ORIGIN /readyz'), { timeout: 30_000 }).toBe(true);
    expect({ ...children(), [name]: before }).toEqual(all);
  });
}

/** This checkout, where only its owner can enter. What is large and only read is linked to. */
function closedCheckout(): string {
  const closed = mkdtempSync('/tmp/countersign-closed-');
  for (const name of readdirSync('.')) {
    if (['node_modules', '.next'].includes(name)) symlinkSync(resolve(name), join(closed, name));
    else if (!['.git', 'test-results'].includes(name)) cpSync(name, join(closed, name), { recursive: true });
  }
  return closed;
}

test('From a checkout that only root can enter, the processes run from a copy, and the checkout stays closed', async () => {
  test.skip(process.getuid?.() !== 0, 'SKIPPED: only root can start three users.');
  const closed = closedCheckout();
  const data = join(dir, 'second');
  const second = await start({ ...(await freeAddresses()), COUNTERSIGN_DIR: data }, closed);
  await expect.poll(() => second.output(), { timeout: 60_000 }).toContain('Countersign runs at');
  expect(second.output()).toContain(`cannot read ${closed}: they run from a copy in ${data}/app.`);
  expect((await fetch(`${second.env['WEB_ORIGIN']}/sign-in`)).status).toBe(200);
  expect((statSync(closed).mode & 0o777).toString(8)).toBe('700');
  expect(worldWritable(data)).toEqual([]);
  second.process.kill('SIGTERM');
  expect((await once(second.process, 'exit'))[0]).toBe(0);
  rmSync(closed, { recursive: true });
});

test('A second starter in the same folder, and a taken port, are each refused in one sentence', async () => {
  const second = await start(started.env);
  expect((await once(second.process, 'exit'))[0]).toBe(1);
  expect(second.output()).toMatch(/^Countersign already runs from \S+ \(process \d+\): stop it first.*\n$/);
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as { port: number };
  const refused = await start({
    ...(await freeAddresses()),
    COUNTERSIGN_DIR: join(dir, 'other'),
    SIGN_ORIGIN: `http://localhost:${port}`,
  });
  expect((await once(refused.process, 'exit'))[0]).toBe(1);
  expect(refused.output()).toMatch(
    new RegExp(`^Port ${port} is taken by another program: stop that one, or set SIGN_ORIGIN.*\\n$`),
  );
  squatter.close();
});

test('After kill -9 of the starter its children go, and the next start takes over the data', async () => {
  const { web, warden, gateway } = children();
  const { env } = started;
  started.process.kill('SIGKILL');
  await expect.poll(() => [web, warden, gateway].some(isAlive), { timeout: 30_000 }).toBe(false);
  started = await start(env);
  await says('Countersign runs at');
});

test('SIGTERM stops everything and leaves no process', async () => {
  const pids = Object.values(children());
  expect(pids).not.toContain(0);
  started.process.kill('SIGTERM');
  expect((await once(started.process, 'exit'))[0]).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(join(dir, 'starter.pid'))).toBe(false);
});

/** By npm, in a group of its own as a terminal would have it. */
async function startByNpm(env: Readonly<Record<string, string>>): Promise<Started> {
  const npm = spawn('npm', ['start'], {
    detached: true,
    env: { ...env, PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production' },
  });
  let text = '';
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await expect.poll(() => text, { timeout: 60_000 }).toContain('Countersign runs at');
  return { process: npm, env, output: () => text };
}

for (const [signal, whom] of [
  ['SIGTERM', 'npm'],
  ['SIGHUP', 'npm'],
  ['SIGKILL', 'npm'],
  ['SIGINT', 'npm’s whole group'],
] as const) {
  test(`${signal} to ${whom} stops everything in order and leaves no process`, async () => {
    const { process: npm } = await startByNpm(started.env);
    const starter = Number(readFileSync(join(dir, 'starter.pid'), 'utf8'));
    const pids = [starter, ...Object.values(children(starter))];
    expect(pids).not.toContain(0);
    const group = npm.pid ?? 0;
    process.kill(whom === 'npm' ? group : -group, signal);
    await expect.poll(() => pids.filter(isAlive), { timeout: 30_000 }).toEqual([]);
    // Taken away at the end of a stop in order, and by nothing else.
    expect(existsSync(join(dir, 'starter.pid'))).toBe(false);
  });
}
