import { expect, type Page } from '@playwright/test';
import {
  callFreely,
  confirmField,
  cookieHeader,
  type FurnishedInstallation,
  leaveToSign,
  openRequest,
  quickStart,
  signButton,
  stateOf,
  test,
  withAgent,
} from '#testing/installation';

/* What every page, link and header must hold against, and what an agent's words cannot do. */
let house: FurnishedInstallation;
let requestId: string;
let page: Page;

const CONSOLE_PATHS = ['/', '/grants', '/history', '/agents', '/agents/new', '/targets', '/people', '/settings'];

test.beforeAll(async ({ commonHouse }) => {
  house = await withAgent(commonHouse, 'hostile-bot');
  page = house.owner.page;
  requestId = (await house.agent.file(quickStart())).id;
  await house.agent.previewed(requestId);
});

test('Following every link and fetching every address changes nothing (T18)', async () => {
  const { stage } = house;
  const cookie = await cookieHeader(page, stage.web);
  const links = new Set(CONSOLE_PATHS);
  for (const path of [...CONSOLE_PATHS, `/requests/${requestId}`]) {
    await page.goto(stage.web + path);
    await expect(page.getByRole('main')).toBeVisible();
    for (const link of await page
      .locator('body')
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
  for (const url of [`${stage.agents}/.well-known/jwks.json`, `${stage.gateway}/t/nothing`])
    expect((await callFreely(url, { headers: poison })).status, url).toBe(400);
});

test('Each origin that agents call describes its own calls, to anybody, and the console says where', async () => {
  const { stage } = house;
  const documents = [
    [stage.web, '/api/openapi.json', '/api/v1/requests'],
    [stage.agents, '/openapi.json', '/v1/grants/{id}/credential'],
    [stage.gateway, '/openapi.json', '/t/{target}'],
  ] as const;
  const { text: guide } = await callFreely(`${stage.web}/llms.txt`);
  const { text: reference } = await callFreely(`${stage.web}/docs/api`);
  for (const [origin, path, call] of documents) {
    const { status, headers, text } = await callFreely(origin + path);
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    const { openapi, servers, paths } = JSON.parse(text);
    expect([openapi, servers]).toEqual(['3.1.0', [{ url: origin }]]);
    expect(Object.keys(paths)).toContain(call);
    expect(guide).toContain(`(${origin}${path})`);
    if (origin !== stage.web) expect(reference).toContain(`href="${origin}${path}"`);
  }
});

test('The sign origin, the agents’ door and the gateway set no cookie, and the console’s says nothing about its person', async () => {
  const { stage } = house;
  for (const url of [
    ...['/setup', '/review', '/target', '/nothing', '/page.css'].map((path) => stage.sign + path),
    `${stage.agents}/.well-known/jwks.json`,
    `${stage.gateway}/t/nothing`,
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

test('Every answer of web tells browsers what they must not do with it', async ({ request }) => {
  const { stage } = house;
  const opened = await page.goto(stage.web);
  const [, asset = ''] = /href="([^"]+\.css)/.exec((await opened?.text()) ?? '') ?? [];
  expect(asset).toContain('/_next/static/');
  const others = ['/api/v1/requests', '/docs/api', '/llms.txt', '/nothing-here', asset];
  const answers = await Promise.all(others.map((path) => request.get(stage.web + path)));
  for (const seen of [opened?.headers() ?? {}, ...answers.map((one) => one.headers())])
    expect(seen).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    });
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
  await agent.previewed(id);
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
