import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '#lib/db';
import { freshDatabase, type TestDatabase } from '#testing/database';
import { type GatewayKeys, makeGatewayKeys } from '#testing/gateway';
import { buildProcess, type StartedProcess, startProcess } from '#testing/process';

/*
 * The process itself, built and started as the starter does it, where nobody
 * has set anything up and no warden runs: it lives, and lets nothing pass.
 */

const dir = mkdtempSync(join(tmpdir(), 'countersign-gateway-main-'));
const instanceDir = join(dir, 'gateway', 'instance');
const port = 22_300 + (process.pid % 500);
let database: TestDatabase;
let keys: GatewayKeys;
let bundle: Awaited<ReturnType<typeof buildProcess>>;
const started: StartedProcess[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  bundle = await buildProcess('gateway/main.ts');
  keys = makeGatewayKeys(dir, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
});
afterAll(() => {
  for (const { child } of started) child.kill('SIGKILL');
  bundle.remove();
  rmSync(dir, { recursive: true });
});

function start(env: Readonly<Record<string, string>> = {}): StartedProcess {
  const gateway = startProcess(bundle.file, {
    GATEWAY_DATABASE_URL: database.gatewayUrl,
    GATEWAY_DIR: keys.gatewayDir,
    PUBLIC_DIR: keys.publicDir,
    GATEWAY_ORIGIN: `http://localhost:${port}`,
    ...env,
  });
  started.push(gateway);
  return gateway;
}

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`http://localhost:${port}${path}`, { headers });
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
  return { status: answer.status, body: (await answer.json()) as any };
}

async function instances(): Promise<readonly string[]> {
  const web = connect(database.ownerUrl);
  const rows = await web.gatewayInstance.findMany({ select: { id: true } });
  await web.$disconnect();
  return rows.map(({ id }) => id);
}

test('It starts, says that it is ready to listen, is not ready for agents, and ends cleanly when told', async () => {
  const gateway = start();
  await gateway.said('ready');
  expect(gateway.events).toEqual([{ event: 'ready' }]);
  expect(await get('/livez')).toEqual({ status: 200, body: { live: true } });
  expect(await get('/readyz')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect((await get('/t/railway', { authorization: `Bearer cs_ask_${'a'.repeat(40)}` })).status).not.toBe(200);
  await expect.poll(instances, { timeout: 10_000 }).toHaveLength(1);
  gateway.child.kill('SIGTERM');
  expect(await gateway.exit).toEqual([0, null]);
});

test('What it made for itself is readable by nobody else, and makes it the same copy after a restart', async () => {
  const made = [instanceDir, ...readdirSync(instanceDir).map((name) => join(instanceDir, name))];
  expect(new Set(made.map((path) => statSync(path).mode & 0o077))).toEqual(new Set([0]));
  const before = await instances();
  const gateway = start();
  await gateway.said('ready');
  await expect.poll(async () => (await get('/readyz')).status).toBe(503);
  gateway.child.kill('SIGTERM');
  expect(await gateway.exit).toEqual([0, null]);
  expect(await instances()).toEqual(before);
});

test('It ends with its starter', async () => {
  const gateway = start();
  await gateway.said('ready');
  gateway.child.disconnect();
  expect(await gateway.exit).toEqual([0, null]);
});

test.each([
  ['no database', { GATEWAY_DATABASE_URL: '' }, /^Set GATEWAY_DATABASE_URL: [^\n]+\n$/],
  ['an address that is none', { GATEWAY_ORIGIN: 'localhost:3200' }, /^Set GATEWAY_ORIGIN: [^\n]+\n$/],
  ['proxies that are none', { FORWARD_AUTH_PROXIES: 'nginx' }, /^Set FORWARD_AUTH_PROXIES: [^\n]+\n$/],
])('With %s it does not start, and one sentence says what to set', async (_name, env, sentence) => {
  const gateway = start(env);
  expect(await gateway.exit).toEqual([1, null]);
  expect(gateway.errors()).toMatch(sentence);
  expect(gateway.events).toEqual([]);
});

test.each([
  ['its own key', () => join(keys.gatewayDir, 'gateway.pem')],
  ['the secret of its nonces', () => join(keys.gatewayDir, 'nonce.secret')],
  ['the warden’s public key', () => join(keys.publicDir, 'warden.pem')],
])('Without %s it does not start, makes none, and says who does', async (_name, of) => {
  const path = of();
  renameSync(path, `${path}.away`);
  const gateway = start();
  expect(await gateway.exit).toEqual([1, null]);
  expect(gateway.errors()).toBe(
    `${path} is missing. npm start makes the keys of all processes before it starts them.\n`,
  );
  expect(existsSync(path)).toBe(false);
  renameSync(`${path}.away`, path);
});

test('A taken port is one sentence that says what to do', async () => {
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  const gateway = start();
  expect(await gateway.exit).toEqual([1, null]);
  expect(gateway.errors()).toBe(`Port ${port} is taken: stop what listens there, or set GATEWAY_PORT.\n`);
  other.close();
});
