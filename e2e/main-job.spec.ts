import { expect, test } from '@playwright/test';
import {
  type AgentClient,
  addSample,
  agentWith,
  approve,
  ask,
  backToConsole,
  grantCard,
  type InstallationUnderTest,
  leaveToSign,
  openRequest,
  openSession,
  type Person,
  person,
  quickStart,
  registerAgent,
  row,
  type Session,
  setUp,
  sign,
  signIn,
  startInstallation,
} from '#testing/installation';

/*
 * The main job, line by line, as a stranger does it: a link, a key, a target,
 * an agent, a request, a signature, a credential, an end that is proven.
 */
test.describe.configure({ mode: 'serial' });

/** Long enough to look around with, short enough to wait for. */
const TTL_SECONDS = 9;

let stage: InstallationUnderTest;
let owner: Person;
let agent: AgentClient;
let requestId: string;
let grantId: string;
let credential: { user: string; url: string };
let held: Session;

test.beforeAll(async ({ browser }) => {
  stage = await startInstallation();
  owner = await person(browser, 'Ada');
});

test.afterAll(async () => {
  await owner.context.close();
  await stage.stop();
});

test('The set-up link registers the first key, says what it is worth, and works once', async ({ browser }) => {
  await setUp(owner, stage);
  await expect(owner.page.getByRole('main')).toContainText('hardware key, proven by its maker');
  await expect(owner.page.getByRole('main')).toContainText('It may sign for production.');
  const second = await person(browser, 'Mallory');
  await expect(setUp(second, stage, { timeout: 3_000 })).rejects.toThrow();
  await expect(second.page.getByRole('alert')).toBeVisible();
  await second.context.close();
});

test('The same key opens the console', async () => {
  await signIn(owner.page, stage);
  await expect(owner.page.getByRole('heading', { name: 'Set up in three steps' })).toBeVisible();
});

test("The sample database and its first agent are added on the warden's page with one touch", async () => {
  const secrets = await addSample(owner, stage, { agent: 'deploy-bot' });
  if (secrets === null) throw new Error('no secrets were shown');
  expect(secrets).toEqual({ token: expect.stringMatching(/^cs_ask_/), collect: expect.stringMatching(/^cs_col_/) });
  agent = agentWith(secrets, stage);
  for (const found of ['PostgreSQL 18', 'table/public.bookings'])
    await expect(owner.page.getByRole('main')).toContainText(found);
});

test('The agent’s page shows none of its secrets, and a copy-ready first request', async () => {
  const { page } = owner;
  await page.goto(`${stage.web}/agents`);
  await page.getByRole('link', { name: 'deploy-bot' }).click();
  const command = page.getByRole('main').getByText(`${stage.web}/api/v1/requests`);
  for (const part of ['"sample-bookings"', '["table/public.bookings"]', '["select","update"]', '$COUNTERSIGN_TOKEN'])
    await expect(command).toContainText(part);
  expect(await page.content()).not.toContain(agent.token);
});

test('Another agent is registered with a touch of its own', async () => {
  const secrets = await registerAgent(owner.page, stage, 'second-bot');
  expect(secrets).toEqual({ token: expect.stringMatching(/^cs_ask_/), collect: expect.stringMatching(/^cs_col_/) });
  await expect(owner.page.getByRole('heading', { name: 'second-bot' })).toBeVisible();
});

test('A request filed over REST appears in the open inbox without a reload', async () => {
  const { page } = owner;
  await page.goto(stage.web);
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible();
  await page.evaluate(() => document.body.setAttribute('data-same-page', ''));
  requestId = (await agent.file(quickStart({ ttlSeconds: TTL_SECONDS }))).id;
  await expect(row(page, requestId)).toBeVisible();
  await expect(page).toHaveTitle(/^\(1\)/);
  await expect(page.locator('body[data-same-page]')).toBeVisible();
});

test("A key on the warden's page approves it, and the request shows it on the way back", async () => {
  const { page } = owner;
  await row(page, requestId).click();
  const facts = page.getByRole('main');
  for (const fact of ['table/public.bookings', 'select', 'update', 'deploy-bot', `${TTL_SECONDS} seconds`])
    await expect(facts).toContainText(fact);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  for (const fact of ['table/public.bookings', 'deploy-bot', quickStart().reason])
    await expect(page.locator('body')).toContainText(fact);
  await sign(page);
  await backToConsole(page, stage);
  await expect(page).toHaveURL(`${stage.web}/requests/${requestId}`);
  await expect(page.getByRole('main').getByText('approved, not collected')).toBeVisible();
  await expect(page.getByRole('main').getByText('Ada approved the request of deploy-bot with a key')).toBeVisible();
});

test('The agent collects once; the role may do what was approved and nothing else', async () => {
  const { grant } = await agent.reaches(requestId, 'approved');
  grantId = grant?.id ?? '';
  expect(grant?.collectUrl).toBe(`${stage.agents}/v1/grants/${grantId}/credential`);
  // The token that web and gateway are shown collects nothing (T82).
  expect((await agent.call('POST', grant?.collectUrl ?? '')).status).toBe(403);
  const { status, body } = await agent.collect(grantId);
  expect(status).toBe(200);
  credential = body.credential;
  expect((await agent.collect(grantId)).status).toBe(409);

  const { rowCount } = await ask(credential.url, "UPDATE public.bookings SET note = 'Tuesday' WHERE id = 42");
  expect(rowCount).toBe(1);
  await expect(ask(credential.url, 'DELETE FROM public.bookings WHERE id = 42')).rejects.toThrow(
    'permission denied for table bookings',
  );
  await expect(ask(credential.url, 'SELECT * FROM public.customers')).rejects.toThrow(
    'permission denied for table customers',
  );
  await expect(ask(credential.url, 'CREATE TEMP TABLE loot AS SELECT 1')).rejects.toThrow(
    'permission denied to create temporary tables',
  );
  await expect(ask(credential.url, 'CREATE TABLE public.loot ()')).rejects.toThrow(
    'permission denied for schema public',
  );
});

test('At its end the session held open is cut and the role is gone (T36, T38)', async () => {
  const { page } = owner;
  held = await openSession(credential.url);
  await held.run(`SET ROLE "${credential.user}"`);
  await held.run('BEGIN');
  await held.run("UPDATE public.bookings SET note = 'never' WHERE id = 43");
  await page.goto(`${stage.web}/grants`);
  await expect(grantCard(page, grantId)).toContainText('live');

  expect(await held.cut).toMatch(/terminating connection|ended/);
  const { proof } = await agent.grantReaches(grantId, 'ended');
  expect(proof?.join('\n')).toContain(`The server refused the login of ${credential.user}`);
  await expect(openSession(credential.url)).rejects.toThrow(/authentication failed/);
  const left = await ask(
    stage.adminUrl(stage.sampleDatabase),
    'SELECT (SELECT count(*)::int FROM pg_roles WHERE rolname = $1) AS roles, (SELECT note FROM public.bookings WHERE id = 43) AS note',
    [credential.user],
  );
  expect(left.rows).toEqual([{ roles: 0, note: null }]);
});

test('The console shows the proof of the end by itself, and the whole story', async () => {
  const { page } = owner;
  await expect(page.getByRole('list', { name: 'Ended grants' })).toContainText('its time ran out');
  await openRequest(page, stage, requestId);
  await expect(grantCard(page, grantId)).toContainText('Proven dead');
  await expect(grantCard(page, grantId)).toContainText('The catalogue holds no role of');
  const steps = [
    'asked for select, update on table/public.bookings',
    'looked up what the request of',
    'approved the request',
    'ready to collect',
    'collected its grant on',
    'The end of the grant',
    'ended: The server refused the login of',
  ];
  for (const step of steps) await expect(page.getByRole('main')).toContainText(step);

  await page.goto(`${stage.web}/history`);
  const events = page.getByRole('list', { name: 'Events' });
  for (const step of [
    ...steps,
    'Ada set up this installation',
    'Ada added the target',
    'Ada registered the agent deploy-bot',
  ])
    await expect(events).toContainText(step);
  await page.getByRole('main').getByLabel('What happened').selectOption('request.approved');
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(events.getByRole('listitem')).toHaveCount(1);
});

test('Revoke cuts a live session with one press and no key (P9)', async () => {
  const { page } = owner;
  const { id } = await agent.file(quickStart());
  await agent.previewed(id);
  await approve(owner, stage, id);
  const { grant } = await agent.reaches(id, 'approved');
  const { body } = await agent.collect(grant?.id ?? '');
  const session = await openSession(body.credential.url);
  await session.run('BEGIN');
  await page.goto(`${stage.web}/grants`);
  await page.getByRole('button', { name: /^Revoke/ }).click();
  expect(await session.cut).toMatch(/terminating connection|ended/);
  await expect(page.getByRole('main').getByText('Nothing is live')).toBeVisible();
  await expect(openSession(body.credential.url)).rejects.toThrow(/authentication failed/);
});
