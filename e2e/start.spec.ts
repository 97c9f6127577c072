import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { reapAfterDeath } from '#scripts/reaper';
import { freeAddresses } from '#testing/installation';

/*
 * `npm start` as its user sees it: what it prints, what it survives, and that
 * nothing is left of it.
 */
test.describe.configure({ mode: 'serial' });

interface Started {
  readonly process: ChildProcess;
  readonly env: Readonly<Record<string, string>>;
  output(): string;
}

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

async function start(env?: Readonly<Record<string, string>>): Promise<Started> {
  const addresses = env ?? { ...(await freeAddresses()), COUNTERSIGN_DIR: dir };
  const child = spawn(process.execPath, ['scripts/run.mjs', 'start'], {
    env: { ...addresses, PATH: process.env['PATH'], NODE_ENV: 'production' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { process: child, env: addresses, output: () => text };
}

const says = (words: string | RegExp) => expect.poll(() => started.output(), { timeout: 60_000 }).toMatch(words);

/** The children, by what they run. */
function children(): Record<'web' | 'warden' | 'postgres', number> {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(started.process.pid)], {
    encoding: 'utf8',
  }).split('\n');
  const find = (pattern: RegExp) => Number.parseInt(lines.find((line) => pattern.test(line))?.trim() ?? '0', 10);
  return { web: find(/next-server/), warden: find(/warden\.mjs/), postgres: find(/bin\/postgres/) };
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

test("Web's environment holds no way to the warden's folder, database role or broker (P3, P6)", () => {
  const { web, warden } = children();
  const environment = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'utf8');
  expect(environment(warden)).toContain('WARDEN_DATABASE_URL=');
  for (const word of ['WARDEN', 'countersign_warden', 'sample.json']) expect(environment(web)).not.toContain(word);
  expect(environment(warden)).not.toContain('SESSION_SECRET');
});

for (const [name, door] of [
  ['warden', 'GATEWAY_ORIGIN /readyz'],
  ['web', 'WEB_ORIGIN /api/readyz'],
  ['postgres', 'WEB_ORIGIN /api/readyz'],
] as const) {
  test(`kill -9 of ${name} is survived: it is started again and answers`, async () => {
    const before = children()[name];
    process.kill(before, 'SIGKILL');
    await expect.poll(() => children()[name], { timeout: 30_000 }).not.toBe(0);
    await expect.poll(() => children()[name], { timeout: 30_000 }).not.toBe(before);
    await expect.poll(() => answers(door), { timeout: 30_000 }).toBe(true);
    await expect.poll(() => answers('SIGN_ORIGIN /readyz'), { timeout: 30_000 }).toBe(true);
  });
}

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
  const { web, warden } = children();
  const { env } = started;
  started.process.kill('SIGKILL');
  await expect.poll(() => isAlive(web) || isAlive(warden), { timeout: 30_000 }).toBe(false);
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
