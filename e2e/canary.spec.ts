import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import {
  type AgentClient,
  addProvider,
  agentWith,
  allowReads,
  approve,
  ask,
  backToConsole,
  callFreely,
  type Installation,
  newInstallation,
  registerAgent,
  sign,
} from '#testing/installation';

/*
 * One secret, and a provider that says it back in every answer. After a day's
 * work it is in nothing that was kept, written, shown or sent (T33, T34, T35).
 */
test.describe.configure({ mode: 'serial' });

const CANARY = 'canary-e51d0c7b98f24a6d';
const bytes = Buffer.from(CANARY);

/** As it is, and as it is most easily hidden. */
const SHAPES = [CANARY, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), encodeURIComponent(CANARY)];
/** What the agent was shown, once. */
let shown: string[] = [];
const found = (text: string): string[] =>
  [...SHAPES, ...shown].filter((shape) => text.toLowerCase().includes(shape.toLowerCase()));

/** Echoes what it was sent, its secret included, in headers and body, and when it fails. */
function echo(received: string[]): Server {
  return createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    if (headers.authorization !== `Bearer ${CANARY}`) return void response.writeHead(401).end('{}');
    received.push(`${method} ${url}`);
    response.writeHead(url === '/fail' ? 500 : 200, {
      'content-type': 'application/json',
      etag: `"${CANARY}"`,
      'x-request-id': CANARY,
      'set-cookie': `token=${CANARY}`,
    });
    response.end(JSON.stringify({ headers, hex: SHAPES[1], base64: SHAPES[2], words: `Bearer ${CANARY}` }));
  });
}

let home: Installation;
let agent: AgentClient;
const received: string[] = [];
const provider = echo(received);
/** Everything the agent was ever told. */
const transcript: string[] = [];

test.beforeAll(async ({ browser }) => {
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  home = await newInstallation(browser);
  const { owner, stage } = home;
  await addProvider(owner, stage, {
    what: 'Another HTTP API',
    name: 'echo',
    environment: 'staging',
    url: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/`,
    secret: CANARY,
    opens: 'GET /things, GET /fail',
  });
  const secrets = await registerAgent(owner.page, stage, 'deploy-bot');
  shown = [secrets.token, secrets.collect];
  agent = agentWith(secrets, stage);
  await allowReads(owner.page, stage, { agent: 'deploy-bot', target: 'echo' });
  await sign(owner.page);
  await backToConsole(owner.page, stage);
});

test.afterAll(async () => {
  await home.close();
  provider.closeAllConnections();
  provider.close();
});

async function call(method: string, path: string, body = '') {
  const answer = await callFreely(`${home.stage.gateway}/t/echo${path}`, {
    method,
    headers: { authorization: `Bearer ${agent.token}`, 'content-type': 'application/json' },
    ...(body === '' ? {} : { body }),
  });
  transcript.push(JSON.stringify(answer.headers), answer.text);
  return answer;
}

test('An agent reads, is refused, and has one exact call run: it is never told the secret (T33, T34)', async () => {
  const { owner, stage } = home;
  expect((await call('GET', '/things')).status).toBe(200);
  expect((await call('GET', '/fail')).status).toBe(500);
  expect((await call('DELETE', '/things/1')).status).toBe(403);
  expect((await call('GET', '/secrets')).status).toBe(403);
  const refused = await call('POST', '/things', '{"name":"x"}');
  expect(refused.status).toBe(403);
  const { body } = JSON.parse(refused.text).request;
  const filed = await agent.file({ ...body, reason: 'OPS-9: one thing more.' });
  await agent.previewed(filed.id);
  await approve(owner, stage, filed.id);
  const { grant } = await agent.reaches(filed.id, 'approved');
  const collected = await agent.collect(grant?.id ?? '');
  expect(collected).toMatchObject({ status: 200, body: { result: { status: 200 } } });
  transcript.push(JSON.stringify([filed, collected, await agent.grantReaches(grant?.id ?? '', 'ended')]));
  expect(received).toContain('POST /things');
  expect(transcript.join('\n')).toContain('[redacted]');
  expect(found(transcript.join('\n'))).toEqual([]);
});

test('No row of any table holds it (T35)', async () => {
  const url = home.stage.adminUrl(home.stage.ownDatabase);
  const { rows: tables } = await ask(
    url,
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  expect(tables.length).toBeGreaterThan(15);
  let read = 0;
  for (const { name } of tables as { name: string }[]) {
    const { rows } = await ask(url, `SELECT t::text AS row FROM ${name} t`);
    read += rows.length;
    expect(found(JSON.stringify(rows)), name).toEqual([]);
  }
  expect(read).toBeGreaterThan(30);
});

/** Everything below a folder but the database's own files and the copy of the build. */
function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'postgres' || name === 'app') return [];
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

test('No file of the installation holds it, its logs least of all (T35)', () => {
  const files = filesIn(home.stage.dir);
  expect(files.some((path) => path.endsWith('.log'))).toBe(true);
  for (const path of files) expect(found(readFileSync(path, 'latin1')), path).toEqual([]);
});

test('No page of the console shows it, to an owner who may see everything (T34)', async () => {
  const { owner, stage } = home;
  const { page } = owner;
  const { rows } = await ask(
    stage.adminUrl(stage.ownDatabase),
    `SELECT '/requests/' || id AS path FROM requests UNION ALL SELECT '/agents/' || id FROM agents`,
  );
  const fixed = ['/', '/grants', '/history', '/agents', '/agents/new', '/targets', '/settings', '/people'];
  for (const path of [...fixed, ...rows.map(({ path: one }: { path: string }) => one)]) {
    await page.goto(stage.web + path);
    await expect(page.getByRole('main')).toBeVisible();
    expect(found(await page.content()), path).toEqual([]);
  }
});
