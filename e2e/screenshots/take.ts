import { expect, type Page, test } from '@playwright/test';
import {
  type AgentClient,
  addPostgres,
  agentWith,
  approve,
  type FurnishedInstallation,
  furnishedInstallation,
  leaveToSign,
  openRequest,
  quickStart,
  registerAgent,
  signButton,
} from '#testing/installation';

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

test('The pictures of the README', async ({ browser }) => {
  const house = await furnishedInstallation(browser);
  const { stage, owner } = house;
  const { page } = owner;
  const exact = await furnish(house);
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });

  await page.goto(stage.web);
  await expect(page.getByRole('list', { name: 'Waiting for a decision' }).getByRole('listitem')).toHaveCount(2);
  await take(page, 'inbox');
  await page.goto(`${stage.web}/grants`);
  await expect(page.getByRole('list', { name: 'Ended grants' })).toBeVisible();
  await take(page, 'grants');
  await openRequest(page, stage, exact);
  await take(page, 'request');
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await expect(signButton(page)).toBeVisible();
  await take(page, 'sign');
  await page.setViewportSize(PHONE);
  await take(page, 'sign-phone');
  await house.close();
});

const take = (page: Page, name: string) => page.screenshot({ path: `docs/images/${name}.png`, animations: 'disabled' });

/** Two agents, two databases, grants in every state. Returns the request to look at. */
async function furnish({ stage, owner, agent }: FurnishedInstallation): Promise<string> {
  const { user, password, host, port, database } = stage.sample;
  const connection = `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  await addPostgres(owner, stage, { name: 'bookings', environment: 'production', connection });
  const support = agentWith(await registerAgent(owner.page, stage, 'support-agent'), stage);

  const file = async (by: AgentClient, body: object): Promise<string> => {
    const { id } = await by.file(quickStart(body));
    await by.previewed(id);
    return id;
  };
  const grant = async (by: AgentClient, body: object): Promise<string> => {
    const id = await file(by, body);
    await approve(owner, stage, id);
    const grantId = (await by.reaches(id, 'approved')).grant?.id ?? '';
    await by.collect(grantId);
    return grantId;
  };

  const over = await grant(agent, { verbs: ['select'], reason: 'Count next week’s arrivals.' });
  await agent.call('POST', `${stage.web}/api/v1/grants/${over}/return`);
  await agent.grantReaches(over, 'ended');
  await grant(agent, { resources: ['table/public.rooms'], reason: 'New prices for the summer.' });
  await grant(support, {
    target: 'bookings',
    verbs: ['select', 'insert'],
    ttlSeconds: 1200,
    reason: 'Enter this morning’s phone bookings.',
  });
  await file(agent, {});
  const sql = "DELETE FROM public.bookings\nWHERE state = 'cancelled'\n  AND ends_on < date '2026-02-01'";
  const reason = 'Old cancelled bookings clutter the report. Nobody needs them.';
  const ticketUrl = 'https://tickets.example/OPS-204';
  return file(support, { target: 'bookings', verbs: ['select', 'delete'], ticketUrl, operation: { sql }, reason });
}
