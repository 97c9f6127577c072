import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type Locator, type Page, test } from '@playwright/test';
import Provider from 'oidc-provider';
import type { InstallationUnderTest } from '#testing/installation';
import {
  acceptInvitation,
  approve,
  backToConsole,
  callFreely,
  cookieHeader,
  deny,
  type FurnishedInstallation,
  furnishedInstallation,
  isNotLetIn,
  leaveToSign,
  openRequest,
  type Person,
  person,
  quickStart,
  sign,
  signButton,
  signFor,
  signIn,
} from '#testing/installation';
import { plugIn } from '#testing/security-key';

/* More than one person: who gets in, who decides, and who does not any more. */
test.describe.configure({ mode: 'serial' });

let house: FurnishedInstallation;
let provider: Identity;
let grace: Person;
let rita: Person;

test.beforeAll(async ({ browser }) => {
  provider = await identityProvider();
  house = await furnishedInstallation(browser, {
    env: { OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'countersign', OIDC_CLIENT_SECRET: 'a-secret-for-the-test' },
  });
  provider.admits(`${house.stage.web}/api/auth/callback/oidc`);
  grace = await person(browser, 'Grace');
  rita = await person(browser, 'Rita');
});

test.afterAll(async () => {
  await Promise.all([grace.context.close(), rita.context.close()]);
  await house.close();
  await provider.close();
});

test('An invited person’s key counts only after an owner has signed for it (T13)', async () => {
  const { stage, owner } = house;
  const link = await invite(owner.page, stage, grace, 'approver');
  const code = await acceptInvitation(grace, link);
  await isNotLetIn(grace.page, stage);

  const { page } = owner;
  await page.goto(`${stage.web}/people`);
  await leaveToSign(page, stage, card(page, 'Grace').getByRole('button', { name: 'Confirm with your key' }));
  await expect(page.locator('main')).toContainText(code);
  await sign(page);
  await signIn(grace.page, stage);
});

test('The invitation’s link works once', async ({ browser }) => {
  const { stage, owner } = house;
  const link = await invite(owner.page, stage, rita, 'reviewer');
  await acceptInvitation(rita, link);
  const late = await person(browser, 'Late');
  await late.page.goto(link);
  await expect(late.page.locator('main')).toContainText('used already');
  await late.context.close();
  await owner.page.goto(`${stage.web}/people`);
  await signFor(owner, stage, card(owner.page, 'Rita').getByRole('button', { name: 'Confirm with your key' }));
});

test('Nobody approves their own agent’s request once somebody else could; the other one can (T14)', async () => {
  const { stage, owner, agent } = house;
  const { id } = await agent.file(quickStart());
  await agent.previewed(id);
  await openRequest(owner.page, stage, id);
  await expect(owner.page.getByRole('main').getByText('Somebody else has to approve')).toBeVisible();
  await expect(owner.page.getByRole('button', { name: 'Review and sign' })).toHaveCount(0);
  await approve(grace, stage, id);
  await agent.reaches(id, 'approved');
});

test('A reviewer reads everything, is offered no decision, and is refused one by every door (T15)', async () => {
  const { stage, agent } = house;
  await signIn(rita.page, stage);
  const { id } = await agent.file(quickStart());
  await agent.previewed(id);
  await openRequest(rita.page, stage, id);
  for (const name of ['Review and sign', 'Deny']) await expect(rita.page.getByRole('button', { name })).toHaveCount(0);
  for (const [path, body] of [
    [`requests/${id}/deny`, { reason: 'no' }],
    ['tickets', { kind: 'request.approve', params: { requestId: id } }],
    ['tickets', { kind: 'target.add', params: {} }],
    ['tickets', { kind: 'agent.register', params: { name: 'mine' } }],
    ['invitations', { name: 'A friend', email: 'friend@example.com', role: 'owner' }],
  ] as const) {
    expect([path, (await post(rita.page, stage, path, body)).status]).toEqual([path, 403]);
  }
  await openRequest(grace.page, stage, id);
  await deny(grace.page, 'Enough for today.');
});

test('A second key is enrolled with the first one’s signature, and then opens the console alone', async ({
  browser,
}) => {
  const { stage } = house;
  const { page } = grace;
  await page.goto(`${stage.web}/settings`);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Add a key' }));
  await page
    .getByRole('main')
    .getByLabel(/^Name of this key/)
    .fill('Spare key');
  await grace.key.answers(false);
  const spare = await plugIn(page);
  await page.getByRole('button', { name: 'Register the new key' }).click();
  await expect(signButton(page)).toBeVisible();
  await spare.answers(false);
  await grace.key.answers(true);
  await sign(page);
  await backToConsole(page, stage);
  await expect(page.getByRole('main').getByText('Spare key')).toBeVisible();

  const elsewhere = await browser.newPage();
  await plugIn(elsewhere, { holding: await spare.credentials() });
  await signIn(elsewhere, stage);
  await elsewhere.close();
});

test('Two people who read every page at the same moment are each shown their own, and nobody is shown any (T62)', async () => {
  const { stage, agent } = house;
  const { id } = await agent.file(quickStart());
  await agent.previewed(id);
  const agentId = await house.owner.page.evaluate(async (url) => (await fetch(url)).text(), `${stage.web}/agents`);
  const [, bot = ''] = /\/agents\/(agt_[0-9a-z]{20})/.exec(agentId) ?? [];
  const pages = ['/', '/grants', '/history', '/agents', '/agents/new', `/agents/${bot}`, '/targets', '/people'];
  const paths = [...pages, '/settings', `/requests/${id}`];
  /** As a browser loads a page, and as the console loads the next one. */
  const ways = [{}, { rsc: '1' }, { rsc: '1', 'next-router-prefetch': '1' }];
  const readers = [
    { name: 'Grace', role: 'approver', cookie: await cookieHeader(grace.page, stage.web) },
    { name: 'Rita', role: 'reviewer', cookie: await cookieHeader(rita.page, stage.web) },
    { name: null, role: null, cookie: '' },
  ];
  for (const path of paths)
    for (const way of ways)
      await Promise.all(
        readers.map(async ({ name, role, cookie }) => {
          const headers = { ...way, ...(cookie === '' ? {} : { cookie }) };
          const response = await fetch(stage.web + path, { headers });
          const text = await response.text();
          const what = `${path} ${JSON.stringify(way)} as ${name}`;
          expect(response.headers.get('cache-control'), what).toContain('no-store');
          const first = await fetch(stage.web + path, { headers, redirect: 'manual' });
          expect(first.headers.get('cache-control'), what).toContain('no-store');
          const [, shown = null, as = null] =
            /font-medium wrap-anywhere">([A-Za-z]+)<\/p><p class="text-ink-soft text-xs">([a-z]+)</.exec(text) ?? [];
          // What the console loads by itself leaves the frame out.
          expect([what, shown, as]).toEqual([what, ...('rsc' in way ? [null, null] : [name, role])]);
          if (name === null) expect(text, what).not.toMatch(/Grace|Rita|@example/);
        }),
      );
  await openRequest(grace.page, stage, id);
  await deny(grace.page, 'Seen enough.');
});

test('A disabled person is out on the next call, wherever they are (T66)', async () => {
  const { stage, owner, agent } = house;
  const { id } = await agent.file(quickStart());
  await agent.previewed(id);
  await openRequest(grace.page, stage, id);
  await leaveToSign(grace.page, stage, grace.page.getByRole('button', { name: 'Review and sign' }));
  await expect(signButton(grace.page)).toBeVisible();

  await owner.page.goto(`${stage.web}/people`);
  await card(owner.page, 'Grace').getByRole('button', { name: 'Disable', exact: true }).click();
  const dialog = owner.page.getByRole('dialog');
  await signFor(owner, stage, dialog.getByRole('button', { name: 'Review and sign' }));
  await signButton(grace.page).click();
  await expect(grace.page.getByRole('alert')).not.toBeEmpty();
  expect((await agent.call('GET', `${stage.web}/api/v1/requests/${id}`)).body.state).toBe('pending');
  expect((await post(grace.page, stage, `requests/${id}/deny`, { reason: 'no' })).status).toBe(401);
  await isNotLetIn(grace.page, stage);
});

test('Single sign-on opens the console for a known address, and approving still takes the key', async ({ browser }) => {
  const { stage, owner, agent } = house;
  const context = await browser.newContext();
  const page = await context.newPage();
  await signInThrough(page, stage, owner.email);
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible();
  const { id } = await agent.file(quickStart({ verbs: ['select', 'insert'] }));
  await agent.previewed(id);
  await openRequest(page, stage, id);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await plugIn(page);
  await signButton(page).click();
  await expect(page.getByRole('alert')).toContainText('Nothing was done', { timeout: 15_000 });
  expect((await agent.call('GET', `${stage.web}/api/v1/requests/${id}`)).body.state).toBe('pending');
  await context.close();
});

test('Single sign-on opens nothing for an address nobody here has', async ({ browser }) => {
  const { stage } = house;
  const context = await browser.newContext();
  const page = await context.newPage();
  await signInThrough(page, stage, 'stranger@example.com');
  await expect(page.getByRole('alert').first()).toContainText('nobody here has that e-mail address');
  await context.close();
});

const card = (page: Page, name: string): Locator =>
  page
    .getByRole('main')
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: new RegExp(`^${name}`) }) });

/** Makes the link an owner hands over. */
async function invite(
  page: Page,
  stage: InstallationUnderTest,
  { name, email }: Person,
  role: string,
): Promise<string> {
  await page.goto(`${stage.web}/people`);
  await page.getByRole('button', { name: 'Invite a person' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByLabel('Role').selectOption(role);
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  return (await dialog.locator('code').textContent()) ?? '';
}

async function post(page: Page, stage: InstallationUnderTest, path: string, body: object) {
  const headers = {
    origin: stage.web,
    'content-type': 'application/json',
    cookie: await cookieHeader(page, stage.web),
  };
  return callFreely(`${stage.web}/api/console/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function signInThrough(page: Page, stage: InstallationUnderTest, email: string): Promise<void> {
  await page.goto(`${stage.web}/sign-in`);
  await page.getByRole('button', { name: /^Sign in with (?!your key)/ }).click();
  await page.getByPlaceholder('Enter any login').fill(email);
  await page.getByPlaceholder('and password').fill('x');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

interface Identity {
  readonly issuer: string;
  admits(redirectUri: string): void;
  close(): Promise<void>;
}

/** A real OpenID Connect provider whose every account is its own e-mail address. */
async function identityProvider(): Promise<Identity> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    admits(redirectUri) {
      const provider = new Provider(issuer, {
        clients: [{ client_id: 'countersign', client_secret: 'a-secret-for-the-test', redirect_uris: [redirectUri] }],
        claims: { openid: ['sub'], email: ['email', 'email_verified'] },
        conformIdTokenClaims: false,
        findAccount: (_ctx: unknown, id: string) => ({
          accountId: id,
          claims: () => ({ sub: id, email: id, email_verified: true }),
        }),
      });
      server.removeAllListeners('request').on('request', provider.callback());
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
