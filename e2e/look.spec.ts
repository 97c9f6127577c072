import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { approve, type FurnishedInstallation, leaveToSign, quickStart, test, withAgent } from '#testing/installation';

/* Every page, light and dark, wide and narrow: readable by everybody, and kept as a picture to look at. */

const WIDTHS = [1440, 390] as const;
const SCHEMES = ['light', 'dark'] as const;

let house: FurnishedInstallation;
let page: Page;
let pending: string;
let exact: string;
let live: string;
let agentId: string;

test.beforeAll(async ({ commonHouse }) => {
  house = await withAgent(commonHouse, 'look-bot');
  const { stage, agent, owner } = house;
  page = owner.page;
  agentId = (await agent.call('GET', `${stage.web}/api/v1/me`)).body.id;
  live = (await agent.file(quickStart())).id;
  await agent.previewed(live);
  await approve(owner, stage, live);
  await agent.collect((await agent.reaches(live, 'approved')).grant?.id ?? '');
  pending = (
    await agent.file(
      quickStart({
        verbs: ['select', 'delete'],
        resources: ['table/public.bookings', 'table/public.rooms'],
        ticketUrl: 'https://tickets.example/OPS-204',
      }),
    )
  ).id;
  exact = (
    await agent.file(
      quickStart({
        verbs: ['select', 'delete'],
        reason: 'Two test bookings.',
        operation: {
          sql: 'DELETE FROM public.bookings\nWHERE id = ANY($1::int[])\nRETURNING id',
          parameters: ['{7,8}'],
        },
      }),
    )
  ).id;
  await agent.previewed(pending);
  await agent.previewed(exact);
});

/** The house is shared: it is left as it was found. */
test.afterAll(async () => {
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1280, height: 720 });
});

const CONSOLE: Readonly<Record<string, () => string>> = {
  inbox: () => '/',
  request: () => `/requests/${pending}`,
  'request-exact': () => `/requests/${exact}`,
  'request-live': () => `/requests/${live}`,
  grants: () => '/grants',
  history: () => `/history?agent=${agentId}`,
  agents: () => '/agents',
  'agent-new': () => '/agents/new',
  agent: () => `/agents/${agentId}`,
  targets: () => '/targets',
  people: () => '/people',
  settings: () => '/settings',
  'not-found': () => '/nothing',
  api: () => '/docs/api',
};

for (const [name, path] of Object.entries(CONSOLE)) {
  test(`Console page "${name}" has no serious accessibility fault in any width and light`, async ({
    commonHouse: _house,
  }, info) => {
    await page.goto(house.stage.web + path());
    await expect(page.getByRole('main').locator('h1, h2').first()).toBeVisible();
    await looksRight(page, name, info.outputPath.bind(info));
  });
}

const SIGN: Readonly<Record<string, () => Promise<void>>> = {
  sign: () => toSign(`/requests/${pending}`, 'Review and sign'),
  'sign-exact': () => toSign(`/requests/${exact}`, 'Review and sign'),
  'sign-target': () => toSign('/targets', 'Add a target'),
  'sign-enroll': () => toSign('/settings', 'Add a key'),
  'sign-refused': async () => void (await page.goto(`${house.stage.sign}/setup#0000000000000000`)),
};

for (const [name, open] of Object.entries(SIGN)) {
  test(`Signing page "${name}" has no serious accessibility fault in any width and light`, async ({
    commonHouse: _house,
  }, info) => {
    await open();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await looksRight(page, name, info.outputPath.bind(info));
  });
}

test('The sign-in page has no serious accessibility fault in any width and light', async ({ browser }, info) => {
  const stranger = await browser.newPage({ reducedMotion: 'reduce' });
  await stranger.goto(`${house.stage.web}/sign-in`);
  await looksRight(stranger, 'sign-in', info.outputPath.bind(info));
  await stranger.close();
});

async function toSign(path: string, button: string): Promise<void> {
  await page.goto(house.stage.web + path);
  await leaveToSign(page, house.stage, page.getByRole('button', { name: button }).first());
}

async function looksRight(shown: Page, name: string, place: (file: string) => string): Promise<void> {
  for (const width of WIDTHS) {
    await shown.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    const overflow = await shown.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${name} scrolls sideways at ${width}`).toBe(0);
    for (const colorScheme of SCHEMES) {
      await shown.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const first = width === WIDTHS[0] && colorScheme === SCHEMES[0];
      expect(await faults(shown, first ? ALL : OF_LIGHT_AND_WIDTH), `${name} at ${width} in ${colorScheme}`).toEqual(
        [],
      );
      const path = place(`${name}-${width}-${colorScheme}.png`);
      // Two of the four are pictures enough.
      if ((width === 390) === (colorScheme === 'dark'))
        await shown.screenshot({ path, fullPage: true, animations: 'disabled' });
    }
  }
}

const ALL = null;
const OF_LIGHT_AND_WIDTH = ['color-contrast', 'target-size', 'scrollable-region-focusable'];

async function faults(shown: Page, rules: readonly string[] | null): Promise<string[]> {
  // Legacy mode: no second page is opened for the verdict. Swagger UI is not ours.
  const axe = new AxeBuilder({ page: shown }).setLegacyMode(true).exclude('.swagger-ui');
  const { violations } = await (rules === null ? axe : axe.withRules([...rules])).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
