import { expect, test } from '@playwright/test';
import type { InstallationUnderTest } from '#testing/installation';
import {
  addPostgres,
  addSample,
  agentWith,
  approve,
  type Installation,
  newInstallation,
  quickStart,
  registerAgent,
  signFor,
} from '#testing/installation';

/* Somebody whose key is hardware by its own word alone: asked once, and held to the answer (T89). */
test.describe.configure({ mode: 'serial' });

let house: Installation;

test.beforeAll(async ({ browser }) => {
  house = await newInstallation(browser, { unproven: 'refused' });
});

test.afterAll(() => house.close());

test('The founder is told that nobody proved their key, and the console keeps saying so', async () => {
  const { page } = house.owner;
  await page.goto(`${house.stage.web}/settings`);
  const main = page.getByRole('main');
  await expect(main).toContainText('Nobody proved that a key here is hardware, so none may sign for production.');
  await expect(main).toContainText('hardware key by its own word, proven by nobody: not for production');
});

test('Such a key approves on the sample, and adds no production target', async () => {
  const { stage, owner } = house;
  await addSample(owner, stage);
  const agent = agentWith(await registerAgent(owner.page, stage, 'deploy-bot'), stage);
  const { id } = await agent.file(quickStart());
  await agent.previewed(id);
  await approve(owner, stage, id);
  await agent.reaches(id, 'approved');
  await expect(addPostgres(owner, stage, production(stage))).rejects.toThrow();
  await expect(owner.page.getByRole('alert')).toContainText('Nobody proved that this key is hardware');
});

test('Once an owner has signed that such keys are accepted, it does, and the pages say which they are', async () => {
  const { stage, owner } = house;
  const { page } = owner;
  await page.goto(`${stage.web}/settings`);
  await signFor(owner, stage, page.getByRole('button', { name: 'Accept unproven keys' }));
  await expect(page.getByRole('main')).toContainText('proven keys, and keys that nobody proved');
  await expect(page.getByRole('main')).toContainText('accepted for production here');
  await addPostgres(owner, stage, production(stage));
  await expect(page.getByRole('heading', { name: /^bookings/ })).toBeVisible();
  await page.goto(`${stage.web}/history`);
  await expect(page.getByRole('main')).toContainText('production takes keys whose hardware nobody proved');
});

function production({ sample: { user, password, host, port, database } }: InstallationUnderTest) {
  return {
    name: 'bookings',
    environment: 'production',
    connection: `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`,
  };
}
