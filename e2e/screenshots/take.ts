import { expect, test } from '@playwright/test';
import { type AgentClient, agentWith } from '../cast/agent';
import { furnishedHouse, quickStart, SAMPLE } from '../cast/house';
import { leaveToSign, openRequest, registerAgent } from '../pages/console';
import { addPostgres, approve, signButton } from '../pages/sign';

const IMAGES = 'docs/images';

test('The pictures of the README', async ({ browser }) => {
  const house = await furnishedHouse(browser);
  const { stage, owner, agent } = house;
  const { page } = owner;
  const { user, password, host, port, database } = stage.sample;
  await addPostgres(owner, stage, {
    name: 'bookings',
    environment: 'production',
    connection: `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`,
  });
  const fixer = agentWith(await registerAgent(page, stage, 'support-agent'), stage);

  const filed = async (by: AgentClient, body: object) => {
    const { id } = await by.file(body);
    await by.reaches(id, 'pending');
    return id;
  };
  const granted = async (by: AgentClient, body: object) => {
    const id = await filed(by, body);
    await approve(owner, stage, id);
    const grantId = (await by.reaches(id, 'approved')).grant?.id ?? '';
    await by.collect(grantId);
    return grantId;
  };

  const over = await granted(agent, quickStart({ verbs: ['select'], reason: 'Count next week’s arrivals.' }));
  await agent.call('POST', `${stage.web}/api/v1/grants/${over}/return`);
  await agent.grantReaches(over, 'ended');
  await granted(
    agent,
    quickStart({ target: SAMPLE, resources: ['table/public.rooms'], reason: 'New prices for the summer.' }),
  );
  await granted(
    fixer,
    quickStart({
      target: 'bookings',
      verbs: ['select', 'insert'],
      ttlSeconds: 1200,
      reason: 'Enter the phone bookings of this morning.',
    }),
  );
  await filed(agent, quickStart({ target: SAMPLE, reason: 'Move booking 42 to Tuesday; the guest asked for it.' }));
  const exact = await filed(
    fixer,
    quickStart({
      target: 'bookings',
      verbs: ['select', 'delete'],
      ticketUrl: 'https://tickets.example/OPS-204',
      operation: {
        sql: "DELETE FROM public.bookings\nWHERE state = 'cancelled'\n  AND ends_on < date '2026-02-01'",
        parameters: [],
      },
      reason: 'Old cancelled bookings clutter the report. Nobody needs them.',
    }),
  );

  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const shoot = async (name: string) =>
    void (await page.screenshot({ path: `${IMAGES}/${name}.png`, animations: 'disabled' }));

  await page.goto(stage.web);
  await expect(page.getByRole('list', { name: 'Waiting for a decision' }).getByRole('listitem')).toHaveCount(2);
  await shoot('inbox');
  await page.goto(`${stage.web}/grants`);
  await expect(page.getByRole('list', { name: 'Ended grants' })).toBeVisible();
  await shoot('grants');
  await openRequest(page, stage, exact);
  await shoot('request');
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await expect(signButton(page)).toBeVisible();
  await shoot('sign');
  await page.setViewportSize({ width: 390, height: 844 });
  await shoot('sign-phone');
  await house.close();
});
