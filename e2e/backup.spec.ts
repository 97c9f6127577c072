import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, type Page, test } from '@playwright/test';
import {
  type AgentClient,
  type AgentSecrets,
  agentWith,
  approve,
  backToConsole,
  type FurnishedInstallation,
  furnishedInstallation,
  type InstallationUnderTest,
  leaveToSign,
  quickStart,
  registerAgent,
  sign,
  signIn,
  startAgain,
} from '#testing/installation';

/* Everything is lost, and brought back: by `npm run backup`, `npm run restore`, and an owner's key. */
test.describe.configure({ mode: 'serial' });

const run = promisify(execFile);

let house: FurnishedInstallation;
let stage: InstallationUnderTest;
let page: Page;
let later: AgentSecrets;
let agent: AgentClient;
let grantId: string;
let backup: string;
let place: string;
let key: string;

test.beforeAll(async ({ browser }) => {
  place = mkdtempSync('/tmp/countersign-backup-');
  key = join(place, 'key.txt');
  house = await furnishedInstallation(browser);
  ({ stage, agent } = house);
  page = house.owner.page;
});
test.afterAll(async () => {
  await house.owner.context.close();
  await stage.stop();
  rmSync(place, { recursive: true });
});

/** As an operator types it. What it prints, or says on its way out. */
async function npmRun(command: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production' as const, ...stage.env };
  const done = await run(process.execPath, ['scripts/run.mjs', command, ...args], { env }).catch((error) => error);
  return `${done.stdout}${done.stderr}`;
}

async function granted(asking: AgentClient, more: object = {}): Promise<string> {
  const { id } = await asking.file(quickStart(more));
  await asking.previewed(id);
  await approve(house.owner, stage, id);
  return (await asking.reaches(id, 'approved')).grant?.id ?? '';
}

test('A backup is made while everything runs, and nobody reads it without the key', async () => {
  const recipient = /age1\w+/.exec(await npmRun('backup', '--new-key', key))?.[0] ?? '';
  expect(await npmRun('backup', place)).toContain('for whose key');
  grantId = await granted(agent);
  expect((await agent.collect(grantId)).status).toBe(200);
  const said = await npmRun('backup', place, '--for', recipient);
  expect(said).toContain('Backed up to');
  backup = join(place, readdirSync(place).find((name) => name.startsWith('countersign-')) ?? '');
  expect(readdirSync(backup).sort()).toEqual([
    'database.age',
    'gateway.age',
    'installation.age',
    'manifest.json',
    'warden.age',
  ]);
  const secrets = [join(stage.dir, 'warden/seal.key'), join(stage.dir, 'gateway/nonce.secret')];
  const words = [...secrets.map((file) => readFileSync(file, 'utf8').trim()), 'deploy-bot', 'BEGIN PRIVATE KEY'];
  for (const name of readdirSync(backup)) {
    const text = readFileSync(join(backup, name), 'latin1');
    for (const word of words) expect(text.includes(word), `${name}: ${word}`).toBe(false);
  }
});

test('What cannot be restored is refused in one sentence, and leaves nothing behind', async () => {
  expect(await npmRun('restore', backup, '--key', key)).toContain('There is an installation in');
  const elsewhere = { ...stage, env: { ...stage.env, COUNTERSIGN_DIR: join(place, 'elsewhere') } };
  const here = stage;
  stage = elsewhere;
  const other = join(place, 'other.txt');
  await npmRun('backup', '--new-key', other);
  expect(await npmRun('restore', backup, '--key', other)).toMatch(/no identity matched/i);
  const damaged = join(place, 'damaged');
  cpSync(backup, damaged, { recursive: true });
  appendFileSync(join(damaged, 'warden.age'), 'x');
  expect(await npmRun('restore', damaged, '--key', key)).toContain('is not what was written');
  expect(readdirSync(elsewhere.env['COUNTERSIGN_DIR'] ?? '').filter((name) => name !== 'app')).toEqual([]);
  stage = here;
});

test('After everything was lost it is restored, says who decides, and starts frozen', async () => {
  later = await registerAgent(page, stage, 'later-bot');
  await stage.stop();
  expect(existsSync(stage.dir)).toBe(false);
  const said = await npmRun('restore', backup, '--key', key);
  expect(said).toContain('Ada, owner: ');
  expect(said).toContain('everything is frozen until an owner accepts');
  stage = await startAgain(stage.env);
  await signIn(page, stage);
  const banner = page.getByRole('alert').filter({ hasText: 'Everything is frozen' });
  await expect(banner).toContainText('Countersign froze it');
  await expect(banner).toContainText('restored from the backup of');
  agent = agentWith({ token: agent.token, collect: '' }, stage);
  await expect
    .poll(async () => (await agent.call('GET', `${stage.web}/api/v1/grants/${grantId}`)).body.state)
    .toBe('ended');
  const { id } = await agent.file(quickStart());
  await page.goto(`${stage.web}/requests/${id}`);
  await expect(page.getByRole('button', { name: 'Review and sign' })).toHaveCount(0);
});

test('An owner accepts the loss with the key they had; agents go on, and who came after the backup is unknown', async () => {
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Accept the loss with your key' }));
  await expect(page.getByRole('main')).toContainText('restored from the backup of');
  await expect(page.getByRole('main')).toContainText('Who ends this freeze accepts that.');
  await sign(page);
  await backToConsole(page, stage);
  await expect(page.getByRole('alert').filter({ hasText: 'Everything is frozen' })).toHaveCount(0);
  expect(await granted(agent, { ttlSeconds: 601 })).toMatch(/^grn_/);
  const stranger = agentWith(later, stage);
  expect((await stranger.call('GET', `${stage.web}/api/v1/requests`)).status).toBe(401);
  await page.goto(`${stage.web}/history`);
  await expect(page.getByRole('main').getByText('The database was put back in time').first()).toBeVisible();
});
