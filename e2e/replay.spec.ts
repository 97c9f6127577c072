import { expect, test } from '@playwright/test';
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { startAgent } from '#scripts/demo';
import {
  type AgentClient,
  addProvider,
  agentWith,
  allowReads,
  approve,
  backToConsole,
  confirmField,
  deny,
  type Installation,
  leaveToSign,
  lookAtProvider,
  newInstallation,
  openRequest,
  registerAgent,
  row,
  sign,
  signButton,
} from '#testing/installation';
import { type RailwaySimulator, startRailwaySimulator } from '../railway-simulator';

/*
 * The incident, replayed in a browser. An agent with an ordinary GraphQL client
 * finds a token in a file and deletes a volume with it: production's, by mistake.
 */
test.describe.configure({ mode: 'serial' });

const LOOK = '{ apiToken { workspaces { id name } } }';
const DELETE = 'mutation volumeDelete($id: String!) { volumeDelete(volumeId: $id) }';

let railway: RailwaySimulator;
let home: Installation;
let agent: ReturnType<typeof startAgent>;
let rest: AgentClient;

test.beforeAll(async ({ browser }) => {
  railway = await startRailwaySimulator();
  home = await newInstallation(browser);
});

test.afterAll(async () => {
  agent?.leave();
  await home.close();
  await railway.close();
});

/** The one request that waits for a person. */
async function waiting(): Promise<string> {
  const { page } = home.owner;
  await page.goto(home.stage.web);
  const open = page.getByRole('main').locator('a[href^="/requests/req_"]');
  await expect(open).toHaveCount(1);
  return (await open.getAttribute('href'))?.slice('/requests/'.length) ?? '';
}

const deletes = (): number => railway.arrived.filter((one) => one === 'mutation volumeDelete').length;

test('An owner adds Railway on the warden’s page, is told what a wrong secret does, and what the right one reaches', async () => {
  const { owner, stage } = home;
  const typed = { what: 'Railway', name: 'railway', url: railway.url, secret: railway.token } as const;
  await lookAtProvider(owner, stage, { ...typed, secret: 'not-the-token' });
  await expect(
    owner.page
      .getByRole('main')
      .getByText('It cannot be used like this')
      .or(owner.page.getByRole('alert').filter({ hasText: /./ })),
  ).toBeVisible();
  await expect(owner.page.getByRole('button', { name: 'Review and sign' })).toHaveCount(0);
  await lookAtProvider(owner, stage, typed);
  // The one safe call, and what it was answered: whose secret this is.
  await expect(owner.page.getByRole('main').getByText('rental-company')).toBeVisible();
  await addProvider(owner, stage, typed);
  const card = owner.page.getByRole('main');
  await expect(card).toContainText(`${stage.gateway}/t/railway`);
  // Nobody reads the secret back, not even its owner (T34).
  expect(await owner.page.content()).not.toContain(railway.token);
});

test('An agent that its owner lets read reads through the gateway with an unmodified client', async () => {
  const { owner, stage } = home;
  const secrets = await registerAgent(owner.page, stage, 'deploy-bot');
  const { token } = secrets;
  rest = agentWith(secrets, stage);
  agent = startAgent({ endpoint: `${stage.gateway}/t/railway`, token });
  expect(agent.findToken()).toEqual({ file: 'domains.sh', token });
  const before = await agent.graphql(LOOK);
  expect([before.status, before.code]).toEqual([403, 'ELEVATION_REQUIRED']);
  await allowReads(owner.page, stage, { agent: 'deploy-bot', target: 'railway' });
  await sign(owner.page);
  await backToConsole(owner.page, stage);
  const after = await agent.graphql(LOOK);
  expect(after.data).toMatchObject({ apiToken: { workspaces: [{ name: 'rental-company' }] } });
  // What tools ask first: the schema, word for word the provider's.
  const schema = await agent.graphql(getIntrospectionQuery());
  expect(
    buildClientSchema(schema.data as never)
      .getMutationType()
      ?.getFields()['volumeDelete'],
  ).toBeDefined();
});

test('The deletion is refused; the agent is told how to ask, and nothing reaches the provider', async () => {
  const answer = await agent.graphql(DELETE, { id: railway.places.productionVolume });
  expect([answer.status, answer.code]).toEqual([403, 'ELEVATION_REQUIRED']);
  for (const words of ['needs a person', 'Prefer: wait=300', 'stop and tell your person'])
    expect(answer.error).toContain(words);
  expect(deletes()).toBe(0);
});

test('Held on the line: the approver sees PRODUCTION and three backups that would go along, and says no', async () => {
  const { owner, stage } = home;
  const { page } = owner;
  const calling = agent.graphql(DELETE, { id: railway.places.productionVolume }, { prefer: 'wait=60' });
  const requestId = await waiting();
  await row(page, requestId).click();
  await expect(page.getByRole('main')).toContainText('volumeDelete');
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  const shown = page.getByRole('main');
  await expect(shown.getByText('Looked up by the gateway, not told by the agent')).toBeVisible();
  await expect(shown.locator('strong.environment.production')).not.toHaveCount(0);
  for (const fact of ['postgres-data', 'rental-platform', 'PRODUCTION']) await expect(shown).toContainText(fact);
  await expect(shown.locator('.lost').getByText(/^nightly \d{4}/)).toHaveCount(3);
  // Not a reflex: the volume's name has to be typed.
  await expect(signButton(page)).toBeDisabled();
  await openRequest(page, stage, requestId);
  await deny(page, 'That is production, and its backups go with it.');
  const answer = await calling;
  expect(answer.status).toBe(403);
  expect(answer.error).toContain('That is production, and its backups go with it.');
  expect(deletes()).toBe(0);
  expect(railway.world.backups.size).toBe(3);
});

test('A cleanup of staging that is meant goes through with a key: once, and only once', async () => {
  const { owner, stage } = home;
  const { page } = owner;
  const calling = agent.graphql(DELETE, { id: railway.places.stagingVolume }, { prefer: 'wait=60' });
  const requestId = await waiting();
  await openRequest(page, stage, requestId);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await expect(page.getByRole('main')).toContainText('STAGING');
  await confirmField(page).fill('postgres-data-staging');
  await sign(page);
  const answer = await calling;
  expect([answer.status, answer.data]).toEqual([200, { volumeDelete: true }]);
  expect(deletes()).toBe(1);
  await backToConsole(page, stage);
  await expect(
    page.getByRole('main').getByText('The gateway says it ran the approved operation of deploy-bot on railway').first(),
  ).toBeVisible();
  const again = await agent.graphql(DELETE, { id: railway.places.stagingVolume });
  expect(again.status).toBe(403);
  expect(deletes()).toBe(1);
  expect(railway.world.volumes.has(railway.places.productionVolume)).toBe(true);
});

test('An agent that has read nothing but the refusal can ask: its body is filed as it is, approved, and run once', async () => {
  const { owner, stage } = home;
  const [backupId] = railway.world.backups.keys();
  const [instanceId] = railway.world.instances.keys();
  const refused = await agent.graphql(
    'mutation ($instance: String!, $backup: String!) { volumeInstanceBackupDelete(volumeInstanceId: $instance, volumeInstanceBackupId: $backup) { workflowId } }',
    { instance: instanceId, backup: backupId },
  );
  expect(refused.status).toBe(403);
  const { request } = JSON.parse(refused.text);
  const filed = await rest.call(request.method, request.url, {
    ...request.body,
    reason: 'The oldest of three nightly backups.',
  });
  expect(filed.status).toBe(201);
  await rest.previewed(filed.body.id);
  await owner.page.goto(`${stage.web}/requests/${filed.body.id}`);
  await expect(owner.page.getByRole('main')).toContainText('nightly');
  await approve(owner, stage, filed.body.id, { confirm: 'postgres-data' });
  const { grant } = await rest.reaches(filed.body.id, 'approved');
  const collected = await rest.collect(grant?.id ?? '');
  expect(collected.status).toBe(200);
  expect(railway.world.backups.size).toBe(2);
  expect((await rest.collect(grant?.id ?? '')).status).toBe(410);
  expect(railway.arrived.filter((one) => one === 'mutation volumeInstanceBackupDelete')).toHaveLength(1);
});

test('What changed between the yes and the run is not run, said why, and asked again with one click', async () => {
  const { owner, stage } = home;
  const refused = await agent.graphql(DELETE, { id: railway.places.productionVolume });
  const { request } = JSON.parse(refused.text);
  const filed = await rest.call(request.method, request.url, { ...request.body, reason: 'To see what drift does.' });
  await rest.previewed(filed.body.id);
  await approve(owner, stage, filed.body.id, { confirm: 'postgres-data' });
  const { grant } = await rest.reaches(filed.body.id, 'approved');
  // Meanwhile a backup was made that nobody approved the loss of.
  const [[, last] = []] = railway.world.backups;
  railway.world.backups.set('bkp_new', { ...(last ?? fail()), name: 'nightly of today' });
  const collected = await rest.collect(grant?.id ?? '');
  expect([collected.status, collected.body.code]).toEqual([409, 'conflict']);
  expect(deletes()).toBe(1);
  await openRequest(owner.page, stage, filed.body.id);
  await owner.page.getByRole('button', { name: 'Ask for the same again' }).click();
  await expect(owner.page).not.toHaveURL(new RegExp(filed.body.id));
  await expect(owner.page).toHaveURL(/\/requests\/req_/);
  await expect(owner.page.getByRole('main').getByText('nightly of today').first()).toBeVisible();
});

const fail = (): never => {
  throw new Error('There is no backup to go by.');
};

test('The provider’s secret is on no page and in nothing the agent ever saw (T34)', async () => {
  const { owner, stage } = home;
  expect(agent.seen()).not.toContain(railway.token);
  for (const path of ['/', '/targets', '/agents', '/grants', '/history', '/settings']) {
    await owner.page.goto(stage.web + path);
    expect(await owner.page.content()).not.toContain(railway.token);
  }
});
