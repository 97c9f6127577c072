import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '#lib/db';
import { openApiDocument } from '#lib/http/openapi';
import { freshDatabase, type TestDatabase } from '#testing/database';
import { makeGatewayKeys } from '#testing/gateway';
import { buildProcess, type StartedProcess, startProcess } from '#testing/process';
import { openVault } from '#warden/vault';

/*
 * The process itself, built and started as the starter does it.
 */

const dir = mkdtempSync(join(tmpdir(), 'countersign-main-'));
let database: TestDatabase;
let bundle: Awaited<ReturnType<typeof buildProcess>>;
let publicDir: string;
/** Where the build would write it. */
let document: string;
const started: StartedProcess[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  bundle = await buildProcess('warden/main.ts');
  document = join(dirname(bundle.file), 'agent-openapi.json');
  writeDocument();
  ({ publicDir } = makeGatewayKeys(dir, openVault(join(dir, 'warden')).signingKey));
});
afterAll(() => {
  for (const { child } of started) child.kill('SIGKILL');
  bundle.remove();
  rmSync(dir, { recursive: true });
});

const writeDocument = (): void =>
  writeFileSync(document, JSON.stringify(openApiDocument('agent', 'https://elsewhere.example')));

const PORTS = { sign: 21_100 + (process.pid % 500), agents: 21_700 + (process.pid % 500) };

function start(env: Readonly<Record<string, string>> = {}): StartedProcess {
  const warden = startProcess(bundle.file, {
    WARDEN_DATABASE_URL: database.wardenUrl,
    WARDEN_DIR: join(dir, 'warden'),
    PUBLIC_DIR: publicDir,
    SIGN_ORIGIN: `http://localhost:${PORTS.sign}`,
    AGENT_ORIGIN: `http://localhost:${PORTS.agents}`,
    ...env,
  });
  started.push(warden);
  return warden;
}

const get = async (path: string): Promise<number> => (await fetch(`http://localhost:${PORTS.agents}${path}`)).status;

test('It starts, says its set-up link and that it is ready, shows its pulse, and ends cleanly when told', async () => {
  const warden = start();
  await warden.said('setup_link');
  await warden.said('ready');
  expect(warden.events.find(({ event }) => event === 'setup_link')?.url).toMatch(
    new RegExp(`^http://localhost:${PORTS.sign}/setup#`),
  );
  expect(await get('/livez')).toBe(200);
  const described = await (await fetch(`http://localhost:${PORTS.agents}/openapi.json`)).json();
  expect(described).toMatchObject({ openapi: '3.1.0', servers: [{ url: `http://localhost:${PORTS.agents}` }] });
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

test.each([
  ['no database', { WARDEN_DATABASE_URL: '' }, /^Set WARDEN_DATABASE_URL: [^\n]+\n$/],
  ['an address that is none', { AGENT_ORIGIN: 'localhost:3300' }, /^Set AGENT_ORIGIN: [^\n]+\n$/],
])('With %s it does not start, and one sentence says what to set', async (_name, env, sentence) => {
  const warden = start(env);
  expect(await warden.exit).toEqual([1, null]);
  expect(warden.errors()).toMatch(sentence);
  expect(warden.events).toEqual([]);
});

test.each([
  ['without its document', () => rmSync(document)],
  ['with half of it', () => writeFileSync(document, '{"openapi":"3.1.0"')],
])('Started %s, it says in one sentence to build', async (_how, spoil) => {
  spoil();
  const warden = start();
  expect(await warden.exit).toEqual([1, null]);
  expect(warden.errors()).toMatch(/^\S+agent-openapi\.json is missing or broken: [^\n]+ run `npm run build`\.\n$/);
  expect(warden.events).toEqual([]);
  writeDocument();
});

test('A taken port is one sentence that says what to do', async () => {
  const other = createServer().listen(PORTS.agents, '127.0.0.1');
  await once(other, 'listening');
  const warden = start();
  expect((await warden.exit)[0]).toBe(1);
  expect(warden.errors()).toContain(`Port ${PORTS.agents} is taken`);
  expect(warden.errors()).not.toContain('    at ');
  other.close();
});
