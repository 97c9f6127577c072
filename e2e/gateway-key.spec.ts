import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { keyThumbprint } from '#lib/records';
import { startAgent } from '#scripts/demo';
import { freeAddresses } from '#scripts/installation';
import {
  type AgentClient,
  acceptInvitation,
  addProvider,
  agentWith,
  allowReads,
  approve,
  backToConsole,
  type Installation,
  leaveToSign,
  newInstallation,
  type Person,
  person,
  registerAgent,
  sign,
  signButton,
  signFor,
  signIn,
} from '#testing/installation';
import { type RailwaySimulator, startRailwaySimulator } from '../railway-simulator';

/* The gateway's key was taken. An owner replaces it through the console, types the secret again, and all goes on. */
test.describe.configure({ mode: 'serial' });

const LOOK = '{ apiToken { workspaces { id name } } }';
const DELETE = 'mutation volumeDelete($id: String!) { volumeDelete(volumeId: $id) }';

/** The gateway's silence is noticed after ten seconds. */
const slow = { timeout: 30_000 };

let railway: RailwaySimulator;
let home: Installation;
let page: Page;
let token: string;
let grace: Person;
let agent: ReturnType<typeof startAgent>;
let rest: AgentClient;
/** A copy of the gateway's folder, as a thief has it. */
let taken: string;
let [oldKey, newKey] = ['', ''];
/** What the gateway says to file, when it refuses to delete staging's volume. */
let deletion: object;

test.beforeAll(async ({ browser }) => {
  taken = mkdtempSync(join(tmpdir(), 'countersign-taken-'));
  railway = await startRailwaySimulator();
  home = await newInstallation(browser);
  const { owner, stage } = home;
  page = owner.page;
  await addProvider(owner, stage, { what: 'Railway', name: 'railway', url: railway.url, secret: railway.token });
  const secrets = await registerAgent(page, stage, 'deploy-bot');
  token = secrets.token;
  rest = agentWith(secrets, stage);
  agent = startAgent({ endpoint: `${stage.gateway}/t/railway`, token });
  agent.findToken();
  await allowReads(page, stage, { agent: 'deploy-bot', target: 'railway' });
  await sign(page);
  await backToConsole(page, stage);
});

test.afterAll(async () => {
  agent?.leave();
  await grace?.context.close();
  await home.close();
  await railway.close();
  rmSync(taken, { recursive: true, force: true });
});

const card = () => page.getByRole('region', { name: 'Gateway' });
const replaceButton = (on: Page = page) => on.getByRole('button', { name: 'Replace the gateway’s key' });

async function openSettings(): Promise<void> {
  await page.goto(`${home.stage.web}/settings`);
  await expect(card()).toBeVisible();
}

/** Does on the gateway's host what the card says: another key there, its public half at the warden. */
function makeNewKey(dir: string): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(dir, 'gateway/gateway.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(dir, 'public/gateway.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  return keyThumbprint(publicKey);
}

test('While all is well the card says which key counts, since when and by whom, and offers nothing to sign', async () => {
  await openSettings();
  await expect(card()).toContainText('Ada, when this installation was set up');
  await expect(card().getByText('running', { exact: true })).toBeVisible(slow);
  await expect(replaceButton()).toHaveCount(0);
  oldKey = (await card().locator('dd').first().textContent()) ?? '';
  expect(oldKey).toMatch(/^[\w-]{43}$/);
  expect((await agent.graphql(LOOK)).status).toBe(200);
  const refused = await agent.graphql(DELETE, { id: railway.places.stagingVolume });
  deletion = JSON.parse(refused.text).request.body;
});

test('With no gateway running, every page says that calls to providers are refused', async () => {
  const { stage } = home;
  cpSync(join(stage.dir, 'gateway'), taken, { recursive: true });
  await stage.gatewayProcess.stop();
  await expect(page.getByRole('main').getByText('No gateway is running: calls to providers are refused.')).toBeVisible(
    slow,
  );
  await page.goto(stage.web);
  await expect(
    page.getByRole('main').getByText('No gateway is running: calls to providers are refused.'),
  ).toBeVisible();
});

test('Another key in its place is shown beside the one in force, and nothing passes by it', async () => {
  const { stage } = home;
  newKey = makeNewKey(stage.dir);
  await stage.gatewayProcess.start();
  await page.getByRole('link', { name: 'See both keys' }).click();
  await expect(card().getByText('The gateway’s key is not the one in force.')).toBeVisible(slow);
  await expect(card()).toContainText(newKey);
  await expect(card()).toContainText(oldKey);
  await expect(card().getByText('running with another key: not believed')).toBeVisible(slow);
  expect(await contrastFaults()).toEqual([]);
  expect(readFileSync(join(stage.dir, 'gateway/gateway.log'), 'utf8')).toContain(`"gatewayKey":"${newKey}"`);
  const { status, text } = await agent.graphql(LOOK);
  expect(status).toBe(503);
  expect(text).toContain('An owner types it again');
});

/** Text that cannot be read on its ground, by day and by night. */
async function contrastFaults(): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withRules(['color-contrast']).analyze();
    faults.push(...violations.flatMap(({ nodes }) => nodes.map(({ html }) => `${colorScheme}: ${html}`)));
  }
  await page.emulateMedia({ colorScheme: null });
  return faults;
}

test('An approver sees no card and no button, and is refused where they ask for the page all the same', async ({
  browser,
}) => {
  const { stage } = home;
  grace = await approver(browser);
  await grace.page.goto(`${stage.web}/settings`);
  await expect(grace.page.getByRole('heading', { name: 'Your keys' })).toBeVisible();
  await expect(grace.page.getByRole('region', { name: 'Gateway' })).toHaveCount(0);
  await expect(replaceButton(grace.page)).toHaveCount(0);
  const asked = await grace.page.evaluate(async (thumbprint) => {
    const body = JSON.stringify({ kind: 'gateway.replace', params: { thumbprint } });
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/console/tickets', { method: 'POST', headers, body })).status;
  }, newKey);
  expect(asked).toBe(403);
});

/** Grace, let in as an approver. */
async function approver(browser: Parameters<typeof person>[0]): Promise<Person> {
  const { owner, stage } = home;
  const invited = await person(browser, 'Grace');
  await page.goto(`${stage.web}/people`);
  await page.getByRole('button', { name: 'Invite a person' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(invited.name);
  await dialog.getByLabel('E-mail').fill(invited.email);
  await dialog.getByLabel('Role').selectOption('approver');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = (await dialog.locator('code').first().textContent()) ?? '';
  await acceptInvitation(invited, link);
  await page.goto(`${stage.web}/people`);
  await signFor(owner, stage, page.getByRole('button', { name: 'Confirm with your key' }));
  await signIn(invited.page, stage);
  return invited;
}

test('An owner signs for the new key, by its thumbprint; two presses are one', async () => {
  const { stage } = home;
  await openSettings();
  await replaceButton().dblclick();
  await page.waitForURL((url) => url.origin === stage.sign);
  const shown = page.getByRole('main');
  await expect(shown.getByRole('heading', { name: 'Give the gateway another key' })).toBeVisible();
  for (const fact of [newKey, oldKey, 'Every provider’s secret is typed again'])
    await expect(shown).toContainText(fact);
  await sign(page);
  await expect(shown).toContainText('The new key counts.');
  await backToConsole(page, stage);
  await expect(page).toHaveURL(`${stage.web}/settings`);
  await expect(card().getByText('One secret is to be typed again')).toBeVisible();
  await expect(card().getByText('running', { exact: true })).toBeVisible(slow);
  await expect(replaceButton()).toHaveCount(0);
  await expect(page.getByRole('main').getByText('See both keys')).toBeHidden(slow);
});

test('What the earlier key signs is believed no more: a stolen copy looks, and nobody is shown its look', async () => {
  const { stage } = home;
  await stage.gatewayProcess.stop();
  const thief = await runTaken();
  const { id } = await rest.file({ ...deletion, reason: 'To see whose look counts.' });
  await page.goto(stage.web);
  await expect(page.getByRole('main').getByText(`A look of the gateway at request ${id} does not count`)).toBeVisible(
    slow,
  );
  await openSettings();
  await expect(card().getByText('running with another key: not believed')).toBeVisible(slow);
  await page.goto(`${stage.web}/requests/${id}`);
  await expect(page.getByRole('main').getByText('After a minute it says UNKNOWN.')).toBeVisible();
  thief.kill();
  await once(thief, 'exit');
  await rest.call('POST', `${stage.web}/api/v1/requests/${id}/cancel`);
  await stage.gatewayProcess.start();
});

/** The gateway as built, with the copied folder and this installation's database. */
async function runTaken(): Promise<ChildProcess> {
  const { stage } = home;
  const { GATEWAY_ORIGIN } = await freeAddresses();
  return spawn(process.execPath, ['dist/gateway.mjs'], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      GATEWAY_DATABASE_URL: stage.urls.gateway,
      GATEWAY_DIR: taken,
      PUBLIC_DIR: join(stage.dir, 'public'),
      WEB_ORIGIN: stage.web,
      SIGN_ORIGIN: stage.sign,
      AGENT_ORIGIN: stage.agents,
      ...(GATEWAY_ORIGIN === undefined ? {} : { GATEWAY_ORIGIN }),
    },
  });
}

test('A kept secret does not open any more and the page says so; typed again, reads and approved operations pass as before', async () => {
  const { stage } = home;
  await page.goto(`${stage.web}/targets`);
  await expect(
    page.getByRole('main').getByText('Its secret is sealed to an earlier key of the gateway’s.'),
  ).toBeVisible();
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Replace secret or schema' }));
  await page.getByRole('button', { name: 'Try it and review' }).click();
  await expect(page.getByRole('alert')).toContainText('Type the new one.');
  await page.getByRole('main').getByLabel('New secret').fill(railway.token);
  await page.getByRole('button', { name: 'Try it and review' }).click();
  await expect(signButton(page)).toBeVisible();
  await sign(page);
  await backToConsole(page, stage);
  await expect(page.getByRole('main').getByText('Its secret is sealed to an earlier key')).toHaveCount(0);
  await expect.poll(async () => (await agent.graphql(LOOK)).status).toBe(200);

  const { id } = await rest.file({ ...deletion, reason: 'Staging is rebuilt from scratch.' });
  await rest.previewed(id);
  await page.goto(`${stage.web}/requests/${id}`);
  await expect(
    page.getByRole('main').getByText('Looked up by the gateway at the provider, not told by the agent.'),
  ).toBeVisible();
  await approve(grace, stage, id, { confirm: 'postgres-data-staging' });
  const { grant } = await rest.reaches(id, 'approved');
  expect((await rest.collect(grant?.id ?? '')).status).toBe(200);
  await page.goto(`${stage.web}/requests/${id}`);
  await expect(page.getByRole('main').getByText('Said by the gateway: the provider answered 200')).toBeVisible();
  await expect(
    page.getByRole('main').getByText('The gateway says it ran the approved operation of deploy-bot').first(),
  ).toBeVisible();
});
