import { expect, type Locator, type Page } from '@playwright/test';
import type { AgentSecrets } from './agent';
import { leaveToSign } from './console-pages';
import type { InstallationUnderTest } from './installation';
import type { Person } from './person';

/* The warden's own pages: what they ask for, and what they say afterwards. */

const field = (page: Page, label: string | RegExp): Locator => page.getByRole('main').getByLabel(label);

const ANSWERS = {
  accepted: 'Yes, accept such keys for production',
  refused: 'No, only proven keys',
} as const;

/** Registers the first key from the set-up link, and goes where the page leads. */
export async function setUp(
  { page, name, email }: Person,
  stage: InstallationUnderTest,
  { timeout = 15_000, unproven }: { readonly timeout?: number; readonly unproven?: 'accepted' | 'refused' } = {},
): Promise<void> {
  await page.goto(stage.setupUrl);
  await field(page, 'Your name').fill(name, { timeout });
  await field(page, 'Your e-mail').fill(email, { timeout });
  await page.getByRole('button', { name: 'Register your key' }).click({ timeout });
  if (unproven !== undefined) await page.getByRole('button', { name: ANSWERS[unproven] }).click({ timeout });
  await expect(page.getByRole('link', { name: 'Sign in to the console' })).toBeVisible({ timeout });
}

/** The key's part of any statement that is on the page. */
export async function sign(page: Page): Promise<void> {
  await signButton(page).click();
  await expect(backLink(page)).toBeVisible();
}

export const signButton = (page: Page): Locator => page.getByRole('button', { name: 'Sign with your key' });

/** Where the name of what is destroyed is typed. */
export const confirmField = (page: Page): Locator => field(page, /Type .+ to go on/);

const backLink = (page: Page): Locator => page.getByRole('link', { name: /^Back to the/ });

export async function backToConsole(page: Page, stage: InstallationUnderTest): Promise<void> {
  await backLink(page).click();
  await page.waitForURL((url) => url.origin === stage.web);
}

/** From the request's page to the signed approval, typing what has to be typed. */
export async function approve(
  { page }: Person,
  stage: InstallationUnderTest,
  requestId: string,
  { confirm = null as string | null } = {},
): Promise<void> {
  await page.goto(`${stage.web}/requests/${requestId}`);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  if (confirm !== null) await confirmField(page).fill(confirm);
  await sign(page);
}

/** Any button of the console that asks for a key: press it, sign what the warden shows, come back. */
export async function signFor({ page }: Person, stage: InstallationUnderTest, button: Locator): Promise<void> {
  await leaveToSign(page, stage, button);
  await sign(page);
  await backToConsole(page, stage);
}

async function toTargetPage({ page }: Person, stage: InstallationUnderTest): Promise<void> {
  await page.goto(`${stage.web}/targets`);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Add a target' }));
}

/** The sample database, and with the same signature its first agent where one is named. Returns that agent's secrets. */
export async function addSample(
  owner: Person,
  stage: InstallationUnderTest,
  { agent = '' } = {},
): Promise<AgentSecrets | null> {
  const { page } = owner;
  await toTargetPage(owner, stage);
  await page.getByRole('button', { name: 'Use the sample database' }).click();
  await goOn(page, agent);
  const secrets = agent === '' ? null : await secretsOn(page);
  await backToConsole(page, stage);
  await expect(page.getByRole('heading', { name: 'sample-bookings' })).toBeVisible();
  return secrets;
}

/** Registers an agent with the key, and reads its secrets off the page, the one time they are there. */
export async function registerAgent(page: Page, stage: InstallationUnderTest, name: string): Promise<AgentSecrets> {
  await page.goto(`${stage.web}/agents/new`);
  await page.getByRole('main').getByLabel('Name').fill(name);
  await page.getByRole('main').getByLabel('Description').fill('Runs in the browser test.');
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Register with your key' }));
  await sign(page);
  const secrets = await secretsOn(page);
  await backToConsole(page, stage);
  return secrets;
}

/** The secrets of an agent, as the page shows them once. */
export async function secretsOn(page: Page): Promise<AgentSecrets> {
  const shown = (await page.getByRole('main').locator('pre', { hasText: 'cs_ask_' }).textContent()) ?? '';
  const [token = '', collect = ''] = [/cs_ask_\w+/, /cs_col_\w+/].map((secret) => secret.exec(shown)?.[0]);
  return { token, collect };
}

/** After the warden has looked: what it found is signed, with a first agent where one is offered and named. */
async function goOn(page: Page, agent = ''): Promise<void> {
  const first = field(page, /^Its first agent/);
  await expect(page.getByRole('button', { name: 'Review and sign' })).toBeVisible();
  if (agent !== '' || (await first.isVisible())) await first.fill(agent);
  await page.getByRole('button', { name: 'Review and sign' }).click();
  // Either the statement, or why there is none.
  await expect(signButton(page).or(page.getByRole('alert').filter({ hasText: /./ }))).toBeVisible();
  await signButton(page).click({ timeout: 1_000 });
  await expect(backLink(page)).toBeVisible();
}

export interface TypedPostgres {
  readonly name: string;
  readonly environment: string;
  /** With the password, as people paste it. */
  readonly connection: string;
}

export async function addPostgres(owner: Person, stage: InstallationUnderTest, target: TypedPostgres): Promise<void> {
  const { page } = owner;
  await toTargetPage(owner, stage);
  await field(page, /^Name/).fill(target.name);
  await field(page, /^Environment/).fill(target.environment);
  await field(page, /^Connection string/).fill(target.connection);
  await page.getByRole('button', { name: 'Look at it' }).click();
  await goOn(page);
  await backToConsole(page, stage);
}

export interface TypedToken {
  readonly name: string;
  readonly audience: string;
  readonly resources: string;
  readonly verbs: string;
}

/** Returns the service's introspection token, shown this once. */
export async function addTokenTarget(owner: Person, stage: InstallationUnderTest, target: TypedToken): Promise<string> {
  const { page } = owner;
  await toTargetPage(owner, stage);
  await field(page, 'What is it').selectOption('A service of your own, by token');
  await field(page, /^Name/).fill(target.name);
  await field(page, /^Environment/).fill('staging');
  await field(page, /^Audience/).fill(target.audience);
  await field(page, /^Resources/).fill(target.resources);
  await field(page, /^Verbs/).fill(target.verbs);
  await page.getByRole('button', { name: 'Look at it' }).click();
  await goOn(page);
  const token = await page.getByRole('main').locator('pre', { hasText: 'cs_svc_' }).textContent();
  await backToConsole(page, stage);
  return token ?? '';
}

export interface TypedProvider {
  /** As the list of kinds calls it. */
  readonly what: 'Railway' | 'GitHub' | 'Another GraphQL API' | 'Another HTTP API';
  readonly name: string;
  readonly environment?: string;
  readonly url: string;
  readonly secret: string;
  readonly opens?: string;
}

/** A provider behind the gateway; all of ours live in this machine's own network. */
export async function addProvider(owner: Person, stage: InstallationUnderTest, target: TypedProvider): Promise<void> {
  await lookAtProvider(owner, stage, target);
  await goOn(owner.page);
  await backToConsole(owner.page, stage);
}

/** As far as "Look at it": what was found is on the page. */
export async function lookAtProvider(
  owner: Person,
  stage: InstallationUnderTest,
  target: TypedProvider,
): Promise<void> {
  const { page } = owner;
  await toTargetPage(owner, stage);
  await field(page, 'What is it').selectOption(target.what);
  await field(page, /^Name/).first().fill(target.name);
  await field(page, /^Environment/).fill(target.environment ?? 'production');
  await field(page, /^Address of its API/).fill(target.url);
  await field(page, /^Secret/).fill(target.secret);
  await field(page, /^May also be read without asking/).fill(target.opens ?? '');
  await page.getByRole('main').getByText('More', { exact: true }).click();
  await field(page, /^It lives in our own network/).check();
  await page.getByRole('button', { name: 'Look at it' }).click();
}

/** A key of one's own from an invitation's link. Returns the code the page shows, to compare. */
export async function acceptInvitation({ page }: Person, link: string): Promise<string> {
  await page.goto(link);
  await page.getByRole('button', { name: 'Register your key' }).click();
  const code = page.getByRole('main').locator('p.code');
  await expect(code).toBeVisible();
  return (await code.textContent()) ?? '';
}
