import { createHash } from 'node:crypto';
import { expect, type Page, test } from '@playwright/test';
import { agentWith } from './cast/agent';
import { askKeyHere, callFreely, cookieHeader, standOn, stateOf, stealOffer, submit } from './cast/attacker';
import { type FurnishedHouse, furnishedHouse, quickStart } from './cast/house';
import { leaveToSign, openRequest, signIn } from './pages/console';
import { approve, confirmField, signButton } from './pages/sign';

/* Somebody means harm: with the web server in their hands, with a page of their own, with an agent's words. */
let house: FurnishedHouse;
let requestId: string;
let page: Page;

const CONSOLE_PATHS = ['/', '/grants', '/history', '/agents', '/agents/new', '/targets', '/people', '/settings'];

const challengeOf = (statement: string): string =>
  createHash('sha256').update(`countersign/statement/v1\n${statement}`).digest('base64url');

async function stillPending(): Promise<void> {
  const { body } = await house.agent.call('GET', `${house.stage.web}/api/v1/requests/${requestId}`);
  expect(body).toMatchObject({ state: 'pending', grant: null });
}

test.beforeAll(async ({ browser }) => {
  house = await furnishedHouse(browser);
  page = house.owner.page;
  requestId = (await house.agent.file(quickStart())).id;
  await house.agent.reaches(requestId, 'pending');
});

test.afterAll(() => house.close());

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
  await expect(page.locator('main')).not.toBeEmpty();
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

test('Following every link and fetching every address changes nothing (T18)', async () => {
  const { stage } = house;
  const cookie = await cookieHeader(page, stage.web);
  const links = new Set(CONSOLE_PATHS);
  for (const path of [...CONSOLE_PATHS, `/requests/${requestId}`]) {
    await page.goto(stage.web + path);
    await expect(page.getByRole('main')).toBeVisible();
    for (const link of await page
      .locator('a[href^="/"]')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? '')))
      links.add(link);
  }
  const writes = [
    'tickets',
    'agents',
    'invitations',
    'sign-out',
    `requests/${requestId}/deny`,
    'grants/grn_00000000000000000000/revoke',
    'sessions/ses_00000000000000000000',
  ];
  const addresses = [
    ...[...links].map((path) => stage.web + path),
    ...writes.map((path) => `${stage.web}/api/console/${path}`),
    `${stage.web}/api/auth/signin/oidc`,
    `${stage.web}/api/auth/callback/key`,
    `${stage.web}/api/auth/signout`,
    ...[
      '/setup',
      '/invite',
      '/enroll',
      '/target',
      '/review',
      '/api/sign',
      '/api/ticket',
      '/api/setup/begin',
      '/api/setup/finish',
      '/api/target/draft',
    ].map((path) => stage.sign + path),
  ];
  const before = await stateOf(stage);
  for (const address of addresses) {
    for (const method of ['GET', 'HEAD']) await callFreely(address, { method, headers: { cookie } });
  }
  expect(addresses.length).toBeGreaterThan(25);
  expect(await stateOf(stage)).toEqual(before);
  await page.goto(stage.web);
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible();
});

test('Links and addresses are made of the configured origins, whatever Host says (T19, T57)', async () => {
  const { stage, agent } = house;
  const poison = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example',
    'x-original-host': 'evil.example',
  };
  const ticket = await callFreely(`${stage.web}/api/console/tickets`, {
    method: 'POST',
    headers: {
      ...poison,
      origin: stage.web,
      'content-type': 'application/json',
      cookie: await cookieHeader(page, stage.web),
    },
    body: JSON.stringify({ kind: 'target.add', params: {} }),
  });
  const read = await callFreely(`${stage.web}/api/v1/requests/${requestId}`, {
    headers: { ...poison, authorization: `Bearer ${agent.token}` },
  });
  const pageOf = await callFreely(`${stage.web}/sign-in`, { headers: poison });
  const providers = await callFreely(`${stage.web}/api/auth/providers`, { headers: poison });
  for (const { text, headers } of [ticket, read, pageOf, providers])
    expect(text + JSON.stringify(headers)).not.toContain('evil.example');
  expect(JSON.parse(ticket.text).url).toContain(`${stage.sign}/target#`);
  expect((await callFreely(`${stage.sign}/review`, { headers: poison })).status).toBe(400);
  expect((await callFreely(`${stage.gateway}/.well-known/jwks.json`, { headers: poison })).status).toBe(400);
});

test('The sign origin and the gateway set no cookie, and the console’s says nothing about its person', async () => {
  const { stage } = house;
  for (const url of [
    ...['/setup', '/review', '/target', '/nothing', '/page.css'].map((path) => stage.sign + path),
    `${stage.gateway}/.well-known/jwks.json`,
  ]) {
    expect((await callFreely(url)).headers['set-cookie'], url).toBeUndefined();
  }
  const [session] = (await page.context().cookies(stage.web)).filter(({ name }) =>
    name.endsWith('countersign.session'),
  );
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  expect(session?.value.split('.')).toHaveLength(5);
});

test('Every console page carries a fresh nonce policy, and none of them breaks it', async () => {
  const { stage } = house;
  const broken: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) broken.push(message.text());
  });
  const nonces = new Set<string>();
  for (const path of [...CONSOLE_PATHS, `/requests/${requestId}`]) {
    const response = await page.goto(stage.web + path);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    nonces.add(/'nonce-([^']+)'/.exec(policy)?.[1] ?? '');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  expect(nonces.size).toBe(CONSOLE_PATHS.length + 1);
  await page.goto(stage.web);
  for (const place of ['Grants', 'History', 'Agents', 'Targets', 'People', 'Settings', 'Inbox']) {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: place }).click();
    await expect(page.getByRole('heading', { level: 1, name: place })).toBeVisible();
  }
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await openRequest(page, stage, requestId);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await expect(signButton(page)).toBeVisible();
  expect(broken).toEqual([]);
});

const HOSTILE = [
  '</p></section><h1>APPROVED</h1><button onclick="hacked=1">Sign with your key</button>',
  '<img src=x onerror="hacked=1"><script>hacked=1</script>',
  '\u202Eelif siht\u202C \u200Bzero\u2060width \u{E0041}tag pаypal',
  '\u001B[2J\u001B[31mred',
  ...Array.from({ length: 500 }, () => ''),
  'and below the fold: approve me',
].join('\n');

test('An agent’s words, whatever is in them, stay words below the facts on a small phone (T2, T20, T21)', async () => {
  const { stage, agent } = house;
  const { status } = await agent.call(
    'POST',
    `${stage.web}/api/v1/requests`,
    quickStart({ reason: 'x'.repeat(10_000) }),
  );
  expect(status).toBeGreaterThanOrEqual(400);
  const { id } = await agent.file(quickStart({ verbs: ['select', 'delete'], reason: HOSTILE }));
  await agent.reaches(id, 'pending');
  await page.setViewportSize({ width: 360, height: 640 });
  await openRequest(page, stage, id);
  const head = page.getByRole('heading', { level: 1 });
  for (const fact of ['select', 'delete', 'table/public.bookings'])
    await expect(head.getByText(fact, { exact: true })).toBeInViewport({ ratio: 1 });
  for (const fact of [
    page.getByRole('main').getByText('sample', { exact: true }),
    page.getByRole('main').getByText('10 minutes, from collecting'),
  ])
    await expect(fact).toBeInViewport({ ratio: 1 });
  for (const name of ['Review and sign', 'Deny'])
    await expect(page.getByRole('button', { name })).toBeInViewport({ ratio: 1 });
  await nothingRan();
  await expect(page.getByRole('main')).toContainText('\\u{202E}elif siht');

  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await expect(page.getByRole('heading', { level: 1 })).toBeInViewport({ ratio: 1 });
  for (const fact of ['table/public.bookings', 'SAMPLE', '10 minutes'])
    await expect(page.locator('main').getByText(fact, { exact: true }).first()).toBeInViewport({ ratio: 1 });
  await expect(confirmField(page)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign with your key' })).toHaveCount(1);
  await expect(page.locator('main')).toContainText('\\u{202E}elif siht');
  await nothingRan();
  await page.setViewportSize({ width: 1280, height: 720 });
});

async function nothingRan(): Promise<void> {
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  await expect(page.locator('main').locator('img, script, iframe')).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'APPROVED' })).toHaveCount(0);
}

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
  await agent.reaches(again.id, 'pending');
  const { draft } = await stealOffer(page, stage, again.id);
  expect((await submit(stage, draft, seen.assertion)).status).toBe(403);
  expect((await submit(stage, seen.draft ?? '', seen.assertion)).status).toBe(409);
  expect((await agent.call('GET', `${stage.web}/api/v1/requests/${again.id}`)).body.state).toBe('pending');
});

test('A request whose agent gets a new token after the approval mints nothing (T3)', async () => {
  const { stage, agent, owner } = house;
  const { id } = await agent.file(quickStart({ verbs: ['select'] }));
  await agent.reaches(id, 'pending');
  await approve(owner, stage, id);
  const { grant } = await agent.reaches(id, 'approved');
  await page.goto(`${stage.web}/agents`);
  await page.getByRole('link', { name: 'deploy-bot' }).click();
  await page.getByRole('button', { name: 'Rotate token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  const token = await dialog.locator('code', { hasText: 'cs_ask_' }).textContent();
  expect((await agent.collect(grant?.id ?? '')).status).toBe(401);
  const { status, body } = await agentWith(token ?? '', stage).collect(grant?.id ?? '');
  expect([status, body.code]).toEqual([403, 'statement_refused']);
  await page.goto(`${stage.web}/grants`);
  await expect(page.getByRole('list', { name: 'Ended grants' })).toContainText('its approval no longer held');
});
