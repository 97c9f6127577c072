import { createHash } from 'node:crypto';
import { expect, type Page } from '@playwright/test';
import {
  agentWith,
  approve,
  askKeyHere,
  callFreely,
  cookieHeader,
  type FurnishedInstallation,
  leaveToSign,
  openRequest,
  quickStart,
  secretsOn,
  sign,
  signButton,
  signIn,
  standOn,
  stealOffer,
  submit,
  test,
  withAgent,
} from '#testing/installation';

/* Somebody means harm: with the web server in their hands, with a page of their own, with an agent's words. */
let house: FurnishedInstallation;
let requestId: string;
let page: Page;

const challengeOf = (statement: string): string =>
  createHash('sha256').update(`countersign/statement/v1\n${statement}`).digest('base64url');

async function stillPending(): Promise<void> {
  const { body } = await house.agent.call('GET', `${house.stage.web}/api/v1/requests/${requestId}`);
  expect(body).toMatchObject({ state: 'pending', grant: null });
}

test.beforeAll(async ({ commonHouse }) => {
  house = await withAgent(commonHouse, 'attack-bot');
  page = house.owner.page;
  requestId = (await house.agent.file(quickStart())).id;
  await house.agent.previewed(requestId);
});

test("A taken web server that has the key sign the approval's own challenge on its origin gets no approval (T1, T6, T8)", async () => {
  const { stage } = house;
  const { draft, statement, keys } = await stealOffer(page, stage, requestId);
  await standOn(page, stage.web);
  const assertion = await askKeyHere(page, {
    challenge: challengeOf(statement),
    credentialId: keys[0]?.credentialId ?? '',
  });
  const { status, text } = await submit(stage, draft, assertion);
  expect([status, JSON.parse(text).code]).toEqual([403, 'statement_refused']);
  await stillPending();
});

test('A taken web server cannot call the warden from its pages, nor read what it answers (T1)', async () => {
  const { stage } = house;
  await standOn(page, stage.web);
  const outcome = await page.evaluate(async (url) => {
    const answers = await Promise.allSettled([
      fetch(`${url}/api/ticket`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
      fetch(`${url}/api/ticket`, { method: 'POST', body: '{}' }),
      fetch(`${url}/review`),
    ]);
    return answers.map(({ status }) => status);
  }, stage.sign);
  expect(outcome).toEqual(['rejected', 'rejected', 'rejected']);
});

test('The signing page is shown in nobody’s frame (T9)', async () => {
  const { stage } = house;
  for (const path of ['/review', '/setup', '/target', '/enroll', '/invite']) {
    await standOn(
      page,
      stage.web,
      `<!doctype html><iframe src="${stage.sign}${path}" allow="publickey-credentials-get *"></iframe>`,
    );
    await expect.poll(() => page.frames()[1]?.url()).toBe('chrome-error://chromewebdata/');
    await page.unroute(`${stage.web}/taken`);
  }
});

test('A signature made on the warden’s origin opens no session (T6)', async () => {
  const { stage } = house;
  const headers = { origin: stage.web, 'content-type': 'application/json' };
  const challenge = JSON.parse(
    (await callFreely(`${stage.web}/api/auth/challenge`, { method: 'POST', headers, body: '{}' })).text,
  ).challenge;
  const csrf = await callFreely(`${stage.web}/api/auth/csrf`);
  await page.goto(`${stage.sign}/review`);
  const assertion = await askKeyHere(page, { challenge });
  const cookie = [csrf.headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';')[0])
    .join('; ');
  const { status, headers: answered } = await callFreely(`${stage.web}/api/auth/callback/key`, {
    method: 'POST',
    headers: { origin: stage.web, cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      csrfToken: JSON.parse(csrf.text).csrfToken,
      assertion: JSON.stringify(assertion),
      json: 'true',
    }).toString(),
  });
  expect(status).toBe(401);
  expect(String(answered['set-cookie'])).not.toContain('countersign.session=ey');
});

test('One byte of the statement changed on its way to the page: what is signed is refused (T1, T3)', async () => {
  const { stage } = house;
  await openRequest(page, stage, requestId);
  await page.route(`${stage.sign}/api/ticket`, async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    answer.offer.statement = answer.offer.statement.replace('"ttlSeconds":600', '"ttlSeconds":601');
    await route.fulfill({ response, json: answer });
  });
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await signButton(page).click();
  await expect(page.getByRole('alert')).not.toBeEmpty();
  await page.unroute(`${stage.sign}/api/ticket`);
  await stillPending();
});

test('A statement that can be read in two ways is not shown for signing (T22)', async () => {
  const { stage } = house;
  await openRequest(page, stage, requestId);
  await page.route(`${stage.sign}/api/ticket`, async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    answer.offer.statement = answer.offer.statement.replace('"ttlSeconds":600', '"ttlSeconds":86400,"ttlSeconds":600');
    await route.fulfill({ response, json: answer });
  });
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await expect(page.getByRole('main')).toContainText('not in its canonical form. Nothing can be signed.');
  await expect(signButton(page)).toHaveCount(0);
  await page.unroute(`${stage.sign}/api/ticket`);
});

test('A key that does not verify its person approves nothing (T10)', async () => {
  const { stage, owner } = house;
  await openRequest(page, stage, requestId);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await owner.key.verifiesUser(false);
  await signButton(page).click();
  await expect(page.getByRole('alert')).toContainText('Nothing was done');
  await owner.key.verifiesUser(true);
  await stillPending();
});

test('A session ended on the server is over at once, wherever its cookie is', async ({ browser }) => {
  const { stage, owner } = house;
  const thief = await browser.newContext({ storageState: await owner.context.storageState() });
  const stolen = await thief.newPage();
  await stolen.goto(stage.web);
  await expect(stolen.getByRole('heading', { name: 'Inbox' })).toBeVisible();
  const cookie = await cookieHeader(stolen, stage.web);
  await owner.context.clearCookies();
  await signIn(page, stage);
  await page.goto(`${stage.web}/settings`);
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'with a key, since' })).toHaveCount(1);
  const { status } = await callFreely(`${stage.web}/api/console/requests/${requestId}/deny`, {
    method: 'POST',
    headers: { origin: stage.web, 'content-type': 'application/json', cookie },
    body: '{"reason":"mine"}',
  });
  expect(status).toBe(401);
  await stolen.goto(stage.web);
  await expect(stolen.getByRole('button', { name: 'Sign in with your key' })).toBeVisible();
  await thief.close();
  await stillPending();
});

test('An approval that was used is no approval for the same request filed again (T5)', async () => {
  const { stage, agent, owner } = house;
  const seen: { draft?: string; assertion?: unknown } = {};
  page.on('request', (request) => {
    if (request.url() === `${stage.sign}/api/sign`) Object.assign(seen, request.postDataJSON());
  });
  await approve(owner, stage, requestId);
  await agent.reaches(requestId, 'approved');
  const again = await agent.file(quickStart());
  await agent.previewed(again.id);
  const { draft } = await stealOffer(page, stage, again.id);
  expect((await submit(stage, draft, seen.assertion)).status).toBe(403);
  expect((await submit(stage, seen.draft ?? '', seen.assertion)).status).toBe(409);
  expect((await agent.call('GET', `${stage.web}/api/v1/requests/${again.id}`)).body.state).toBe('pending');
});

test('A request whose agent gets new secrets after the approval mints nothing (T3, T82)', async () => {
  const { stage, agent, owner } = house;
  const { id } = await agent.file(quickStart({ verbs: ['select'] }));
  await agent.previewed(id);
  await approve(owner, stage, id);
  const { grant } = await agent.reaches(id, 'approved');
  await page.goto(`${stage.web}/agents`);
  await page.getByRole('link', { name: 'attack-bot' }).click();
  await page.getByRole('button', { name: 'New secrets' }).click();
  const dialog = page.getByRole('dialog');
  await leaveToSign(page, stage, dialog.getByRole('button', { name: 'Make them with your key' }));
  await sign(page);
  const secrets = await secretsOn(page);
  expect((await agent.collect(grant?.id ?? '')).status).toBe(401);
  const { status, body } = await agentWith(secrets, stage).collect(grant?.id ?? '');
  // What the old token was approved for ended with it.
  expect([status, body.code]).toEqual([410, 'gone']);
  await page.goto(`${stage.web}/grants`);
  await expect(page.getByRole('list', { name: 'Ended grants' })).toContainText('it was revoked');
});
