import { expect, test } from '@playwright/test';
import type { InstallationUnderTest } from '#testing/installation';
import {
  type AgentClient,
  addPostgres,
  addSample,
  agentWith,
  approve,
  backToConsole,
  type Installation,
  leaveToSign,
  newInstallation,
  openRequest,
  quickStart,
  registerAgent,
  sign,
  signButton,
} from '#testing/installation';
import { plugIn } from '#testing/security-key';

/* Somebody who has only a passkey that a vendor's cloud copies about: welcome to try, not in production (T11). */
test.describe.configure({ mode: 'serial' });

let house: Installation;
let agent: AgentClient;

test.beforeAll(async ({ browser }) => {
  house = await newInstallation(browser, { synced: true });
});

test.afterAll(() => house.close());

test('The console keeps saying that there is only a synced passkey, and what that is not', async () => {
  const {
    stage,
    owner: { page },
  } = house;
  for (const path of ['/', '/grants', '/history', '/settings']) {
    await page.goto(stage.web + path);
    await expect(page.getByRole('main')).toContainText(
      'only a synced passkey. It is fine for trying; production targets refuse it.',
    );
  }
  await expect(page.getByRole('main')).toContainText('synced passkey: not for production');
});

test('A synced passkey approves on the sample, and adds no production target', async () => {
  const { stage, owner } = house;
  const { page } = owner;
  await addSample(owner, stage);
  agent = agentWith(await registerAgent(page, stage, 'deploy-bot'), stage);
  const { id } = await agent.file(quickStart());
  await agent.previewed(id);
  await approve(owner, stage, id);
  await agent.reaches(id, 'approved');
  await expect(addPostgres(owner, stage, production(stage))).rejects.toThrow();
  await expect(page.getByRole('alert')).toHaveText('Production needs a hardware key.');
});

test('With a hardware key beside it production works, and still refuses the passkey', async () => {
  const { stage, owner } = house;
  const { page } = owner;
  await page.goto(`${stage.web}/settings`);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Add a key' }));
  await page
    .getByRole('main')
    .getByLabel(/^Name of this key/)
    .fill('Blue key');
  await owner.key.answers(false);
  const blue = await plugIn(page);
  await page.getByRole('button', { name: 'Register the new key' }).click();
  await expect(signButton(page)).toBeVisible();
  await blue.answers(false);
  await owner.key.answers(true);
  await sign(page);
  await backToConsole(page, stage);
  await owner.key.answers(false);
  await blue.answers(true);
  await expect(page.getByRole('main')).not.toContainText('only a synced passkey');

  await addPostgres(owner, stage, production(stage));
  const { id } = await agent.file(quickStart({ target: 'bookings' }));
  await agent.previewed(id);
  await openRequest(page, stage, id);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await page
    .getByRole('main')
    .getByLabel('With which key')
    .selectOption({ label: 'My key (synced passkey: not for production)' });
  await expect(page.getByRole('alert')).toContainText('Production is approved with a hardware key only.');
  await sign(page);
  await agent.reaches(id, 'approved');
});

function production({ sample: { user, password, host, port, database } }: InstallationUnderTest) {
  return {
    name: 'bookings',
    environment: 'production',
    connection: `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`,
  };
}
