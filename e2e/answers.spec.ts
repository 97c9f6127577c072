import { expect } from '@playwright/test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import {
  addTokenTarget,
  approve,
  ask,
  backToConsole,
  confirmField,
  deny,
  type FurnishedInstallation,
  leaveToSign,
  openRequest,
  quickStart,
  sign,
  signButton,
  test,
  withAgent,
} from '#testing/installation';

/* The other answers: typed confirmation, denial, one exact statement, a token for a service of one's own. */
test.describe.configure({ mode: 'serial' });

let house: FurnishedInstallation;

test.beforeAll(async ({ commonHouse }) => {
  house = await withAgent(commonHouse, 'answer-bot');
});

test('What destroys is signed only after its name was typed', async () => {
  const {
    stage,
    agent,
    owner: { page },
  } = house;
  const { id } = await agent.file(quickStart({ verbs: ['select', 'delete'] }));
  await agent.previewed(id);
  await openRequest(page, stage, id);
  await expect(page.getByRole('main').getByText('Destroys data')).toBeVisible();
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await expect(confirmField(page)).toBeVisible();
  await expect(signButton(page)).toBeDisabled();
  await confirmField(page).fill('public.booking');
  await expect(signButton(page)).toBeDisabled();
  await confirmField(page).fill('public.bookings');
  await sign(page);
  await backToConsole(page, stage);
  await expect(page.getByRole('main').getByText('approved, not collected')).toBeVisible();
});

test('A denial takes a reason and no key, and the agent reads the reason (P9)', async () => {
  const {
    stage,
    agent,
    owner: { page },
  } = house;
  const { id } = await agent.file(quickStart({ verbs: ['select', 'truncate'] }));
  await agent.previewed(id);
  await openRequest(page, stage, id);
  await deny(page, 'Not on a Friday.');
  await expect(page.getByRole('main')).toContainText('Not on a Friday.');
  await expect(page.getByRole('button', { name: 'Review and sign' })).toHaveCount(0);
  expect((await agent.reaches(id, 'denied')).stateReason).toBe('Not on a Friday.');
});

test('What could not be found out nobody can sign: people see why, one press denies it, the agent saw it wait (P1)', async () => {
  const {
    stage,
    agent,
    owner: { page },
  } = house;
  const { id } = await agent.file(
    quickStart({
      verbs: ['select'],
      operation: { sql: "SELECT id FROM public.bookings WHERE id = ('a' || 'b')::int", parameters: [] },
      reason: 'Counting.',
    }),
  );
  await agent.previewed(id);
  const seen = (await agent.call('GET', `${stage.web}/api/v1/requests/${id}`)).body;
  expect([seen.state, seen.stateReason]).toEqual(['pending', null]);
  await openRequest(page, stage, id);
  const why = page.getByRole('note').filter({ hasText: 'Nobody can approve this' });
  await expect(why).toContainText('invalid input syntax for type integer');
  await expect(page.getByRole('button', { name: 'Review and sign' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Deny' }).click();
  expect((await agent.reaches(id, 'denied')).stateReason).toBe('Not approved as it was asked.');
  await expect(page.getByRole('button', { name: 'Deny' })).toHaveCount(0);
});

test('An exact statement is shown with its rows and cascades, runs once as approved, and hands back its result', async () => {
  const {
    stage,
    agent,
    owner: { page },
  } = house;
  const payments = 'SELECT count(*)::int AS payments FROM public.payments WHERE booking_id = ANY($1)';
  const admin = stage.adminUrl(stage.sampleDatabase);
  const before = (await ask(admin, payments, [[7, 8]])).rows[0].payments;
  const { id } = await agent.file(
    quickStart({
      verbs: ['select', 'delete'],
      operation: { sql: 'DELETE FROM public.bookings WHERE id = ANY($1::int[]) RETURNING id', parameters: ['{7,8}'] },
      reason: 'Two test bookings.',
    }),
  );
  await agent.previewed(id);
  await openRequest(page, stage, id);
  const tables = page.getByRole('table', { name: 'Tables it would touch' });
  await expect(tables.getByRole('row', { name: 'table/public.bookings delete' })).toContainText('2 counted');
  await expect(tables.getByRole('row', { name: /table\/public\.payments/ })).toContainText(/cascade.*counted/);
  await leaveToSign(page, stage, page.getByRole('button', { name: 'Review and sign' }));
  await expect(page.locator('body')).toContainText(
    'DELETE FROM public.bookings WHERE id = ANY($1::int[]) RETURNING id',
  );
  await confirmField(page).fill('public.bookings');
  await sign(page);

  const { grant } = await agent.reaches(id, 'approved');
  const { status, body } = await agent.collect(grant?.id ?? '');
  expect(status).toBe(200);
  expect(body.credential).toBeUndefined();
  expect(body.result).toMatchObject({ rowCount: 2, columns: ['id'] });
  expect((await ask(admin, payments, [[7, 8]])).rows[0].payments).toBe(0);
  expect(before).toBeGreaterThan(0);
  expect((await agent.collect(grant?.id ?? '')).status).toBeGreaterThanOrEqual(400);
  await backToConsole(page, stage);
  await expect(page.getByRole('main')).toContainText('The warden ran the approved operation of answer-bot');
});

test('A token is verified by a stock library, answers introspection, and is dead after revocation', async () => {
  const { stage, agent, owner } = house;
  const serviceToken = await addTokenTarget(owner, stage, {
    name: 'deployer',
    audience: 'https://deploy.example',
    resources: 'deploy/*',
    verbs: 'restart',
  });
  expect(serviceToken).toMatch(/^cs_svc_/);
  const { id } = await agent.file({
    target: 'deployer',
    resources: ['deploy/api'],
    verbs: ['restart'],
    ttlSeconds: 300,
    reason: 'It hangs.',
  });
  await agent.previewed(id);
  await approve(owner, stage, id);
  const { grant } = await agent.reaches(id, 'approved');
  const { body } = await agent.collect(grant?.id ?? '');
  const token: string = body.credential.accessToken;

  const keys = createRemoteJWKSet(new URL(`${stage.agents}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(token, keys, {
    issuer: stage.agents,
    audience: 'https://deploy.example',
    typ: 'at+jwt',
  });
  expect(payload['authorization_details']).toMatchObject([
    { type: 'countersign', actions: ['restart'], resources: ['deploy/api'] },
  ]);
  await expect(jwtVerify(token, keys, { issuer: stage.agents, audience: 'https://other.example' })).rejects.toThrow();

  const introspect = async () => {
    const answer = await fetch(`${stage.agents}/v1/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${serviceToken}` },
      body: new URLSearchParams({ token }),
    });
    return (await answer.json()).active;
  };
  expect(await introspect()).toBe(true);
  expect((await agent.call('POST', `${stage.agents}/v1/revoke`, new URLSearchParams({ token }))).status).toBe(200);
  expect(await introspect()).toBe(false);
  await agent.grantReaches(grant?.id ?? '', 'ended');
});
