import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '#lib/db';
import { freshDatabase, type TestDatabase } from '#testing/database';

/*
 * The process itself, built and started as the starter does it.
 */

const dir = mkdtempSync(join(tmpdir(), 'countersign-main-'));
// Inside the project, so that it finds its packages.
const bundle = join('node_modules/.cache/countersign', `${process.pid}.mjs`);
let database: TestDatabase;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  await build({
    entryPoints: ['warden/main.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(bundle, { force: true });
  rmSync(dir, { recursive: true });
});

const PORTS = { sign: 21_100 + (process.pid % 500), gateway: 21_700 + (process.pid % 500) };

function start() {
  const child = spawn(process.execPath, [bundle], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      NODE_ENV: 'production',
      WARDEN_DATABASE_URL: database.wardenUrl,
      WARDEN_DIR: join(dir, 'warden'),
      SIGN_ORIGIN: `http://localhost:${PORTS.sign}`,
      GATEWAY_ORIGIN: `http://localhost:${PORTS.gateway}`,
    },
  });
  children.push(child);
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
  const events: Array<{ event: string; url?: string }> = [];
  let errors = '';
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const said = (event: string) =>
    expect.poll(() => events.find((one) => one.event === event), { timeout: 20_000 }).toBeTruthy();
  return {
    child,
    events,
    said,
    errors: () => errors,
    exit: once(child, 'exit') as Promise<[number | null, string | null]>,
  };
}

const get = async (path: string): Promise<number> => (await fetch(`http://localhost:${PORTS.gateway}${path}`)).status;

test('It starts, says its set-up link and that it is ready, shows its pulse, and ends cleanly when told', async () => {
  const warden = start();
  await warden.said('setup_link');
  await warden.said('ready');
  expect(warden.events.find(({ event }) => event === 'setup_link')?.url).toMatch(
    new RegExp(`^http://localhost:${PORTS.sign}/setup#`),
  );
  expect(await get('/livez')).toBe(200);
  await expect.poll(() => get('/readyz'), { timeout: 20_000 }).toBe(200);
  const web = connect(database.webUrl);
  await expect.poll(() => web.wardenStatus.count()).toBe(1);
  await web.$disconnect();
  warden.child.kill('SIGTERM');
  expect(await warden.exit).toEqual([0, null]);
});

test('What it keeps outside the database is readable by nobody else', () => {
  const kept = join(dir, 'warden');
  const modes = [kept, ...readdirSync(kept).map((name) => join(kept, name))].map((path) => statSync(path).mode & 0o077);
  expect(new Set(modes)).toEqual(new Set([0]));
});

test('It ends with its starter', async () => {
  const warden = start();
  await warden.said('ready');
  warden.child.disconnect();
  expect(await warden.exit).toEqual([0, null]);
});

test('A taken port is one sentence that says what to do', async () => {
  const other = createServer().listen(PORTS.gateway, '127.0.0.1');
  await once(other, 'listening');
  const warden = start();
  expect((await warden.exit)[0]).toBe(1);
  expect(warden.errors()).toContain(`Port ${PORTS.gateway} is taken`);
  expect(warden.errors()).not.toContain('    at ');
  other.close();
});
