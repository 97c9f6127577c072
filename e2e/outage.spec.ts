import { expect, type Page, test } from '@playwright/test';
import type { AgentClient, InstallationUnderTest } from '#testing/installation';
import {
  approve,
  ask,
  callFreely,
  type FurnishedInstallation,
  furnishedInstallation,
  grantCard,
  leaveToSign,
  openRequest,
  openSession,
  quickStart,
  row,
  signButton,
} from '#testing/installation';

/* A part is away: nothing is minted, nothing is lost, the page says what is the matter, and it goes on by itself. */
test.describe.configure({ mode: 'serial' });

/** A silent warden is noticed after ten seconds, a lost database after a few retries. */
const slow = { timeout: 30_000 };

let house: FurnishedInstallation;
let stage: InstallationUnderTest;
let agent: AgentClient;
let page: Page;

test.beforeAll(async ({ browser }) => {
  house = await furnishedInstallation(browser);
  ({ stage, agent } = house);
  page = house.owner.page;
});

test.afterAll(() => house.close());

/** Files, approves and collects. */
async function collected(ttlSeconds: number) {
  const { id } = await agent.file(quickStart({ ttlSeconds }));
  await agent.previewed(id);
  await approve(house.owner, stage, id);
  const { grant } = await agent.reaches(id, 'approved');
  const { status, body } = await agent.collect(grant?.id ?? '');
  expect(status).toBe(200);
  return {
    requestId: id,
    grantId: grant?.id ?? '',
    credential: body.credential as { readonly user: string; readonly url: string },
  };
}

const rolesLeft = async (): Promise<number> =>
  (await ask(stage.adminUrl(), "SELECT count(*)::int AS roles FROM pg_roles WHERE rolname LIKE 'cs\\_%'")).rows[0]
    .roles;

test('With the warden stopped the console says so and keeps the request; afterwards it goes on by itself', async () => {
  await page.goto(stage.web);
  await stage.warden.stop();
  const { id } = await agent.file(quickStart());
  await expect(page.getByRole('main').getByText('The warden is not running')).toBeVisible(slow);
  await expect(page.getByRole('main').getByText('Requests are kept.')).toBeVisible();
  await openRequest(page, stage, id);
  await expect(page.getByRole('button', { name: 'Review and sign' })).toHaveCount(0);
  await stage.warden.start();
  await agent.previewed(id);
  await expect(page.getByRole('button', { name: 'Review and sign' })).toBeVisible(slow);
  await expect(page.getByRole('main').getByText('The warden is not running')).toBeHidden(slow);
  await approve(house.owner, stage, id);
  await agent.reaches(id, 'approved');
});

test('With the gateway stuck nobody else waits for it: a database grant is approved, collected, used and revoked', async () => {
  const readyz = () =>
    fetch(`${stage.gateway}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
      ({ status }) => status,
      () => 'silence',
    );
  stage.gatewayProcess.suspend();
  try {
    expect(await readyz()).toBe('silence');
    const { grantId, credential } = await collected(600);
    const session = await openSession(credential.url);
    await page.goto(`${stage.web}/grants`);
    const pressedAt = performance.now();
    await grantCard(page, grantId)
      .getByRole('button', { name: /^Revoke/ })
      .click();
    expect(await session.cut).toMatch(/terminating connection|ended/);
    await agent.grantReaches(grantId, 'ended');
    expect(performance.now() - pressedAt).toBeLessThan(10_000);
    await expect(openSession(credential.url)).rejects.toThrow(/authentication failed/);
    expect(await readyz()).toBe('silence');
  } finally {
    stage.gatewayProcess.resume();
  }
  await expect.poll(readyz, slow).toBe(200);
});

test('With the database stopped everything refuses; afterwards the same pages go on by themselves', async () => {
  const { id } = await agent.file(quickStart({ verbs: ['select'] }));
  await agent.previewed(id);
  await openRequest(page, stage, id);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await expect(signButton(page)).toBeVisible();
  await stage.database.stop();

  await signButton(page).click();
  await expect(page.getByRole('alert')).not.toBeEmpty(slow);
  expect((await agent.call('POST', `${stage.web}/api/v1/requests`, quickStart({ verbs: ['insert'] }))).status).toBe(
    503,
  );
  expect((await agent.collect('grn_00000000000000000000')).status).toBe(503);
  for (const door of [stage.agents, stage.gateway]) expect((await callFreely(`${door}/readyz`)).status).toBe(503);
  await page.goto(stage.web);
  await expect(page.getByRole('main').getByText('This page could not be read')).toBeVisible(slow);

  await stage.database.start();
  for (const door of [stage.agents, stage.gateway])
    await expect.poll(async () => (await callFreely(`${door}/readyz`)).status, slow).toBe(200);
  await expect.poll(async () => (await callFreely(`${stage.web}/api/readyz`)).status, slow).toBe(200);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(row(page, id)).toBeVisible(slow);
  await approve(house.owner, stage, id);
  await agent.reaches(id, 'approved');
});

test('A target that is away when a grant must end: STILL LIVE and why, until the end is proven (P5)', async () => {
  const { grantId, credential } = await collected(600);
  const admin = stage.adminUrl();
  await ask(admin, `ALTER DATABASE ${stage.sampleDatabase} ALLOW_CONNECTIONS false`);
  await ask(admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sample_broker'");
  await page.goto(`${stage.web}/grants`);
  await grantCard(page, grantId)
    .getByRole('button', { name: /^Revoke/ })
    .click();
  await expect(grantCard(page, grantId).getByRole('alert')).toContainText('STILL LIVE', slow);
  await page.goto(`${stage.web}/history`);
  await expect(page.getByRole('alert').filter({ hasText: 'STILL LIVE' }).first()).toBeVisible();
  expect((await agent.call('GET', `${stage.web}/api/v1/grants/${grantId}`)).body).toMatchObject({
    state: 'ending',
    proof: null,
    stillLive: expect.any(String),
  });

  await ask(admin, `ALTER DATABASE ${stage.sampleDatabase} ALLOW_CONNECTIONS true`);
  await agent.grantReaches(grantId, 'ended');
  await expect(page.getByRole('alert').filter({ hasText: 'STILL LIVE' })).toHaveCount(0, slow);
  await expect(openSession(credential.url)).rejects.toThrow(/authentication failed/);
});

test('A warden killed with -9 ends at its next start what expired meanwhile, and leaves no orphan role (T37, T38)', async () => {
  const { grantId, credential } = await collected(4);
  const session = await openSession(credential.url);
  await session.run(`SET ROLE "${credential.user}"`);
  await stage.warden.kill();
  await expect
    .poll(
      async () =>
        await openSession(credential.url).then(
          (open) => open.close().then(() => 'in'),
          (error: Error) => error.message,
        ),
      slow,
    )
    .toMatch(/authentication failed/);
  expect(await rolesLeft()).toBeGreaterThan(0);
  await stage.warden.start();
  expect(await session.cut).toMatch(/terminating connection|ended/);
  await agent.grantReaches(grantId, 'ended');
  expect(await rolesLeft()).toBe(0);
});
