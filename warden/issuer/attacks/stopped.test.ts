import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { withClient } from '#scripts/postgres';
import { adminUrl } from '#testing/database';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  addTarget,
  approve,
  call,
  callWarden,
  collect,
  databaseConfig,
  file,
  grantOf,
  type House,
  holdRows,
  isMinted,
  newAgent,
  openHouse,
  sampleCompany,
  serviceConfig,
  serviceToken,
  type TestAgent,
  untilGrant,
} from '#testing/warden';
import { startEnding } from '#warden/ending';
import { keepEnded } from '#warden/vault';
import { prepare } from '../../preview/prepare';

/*
 * A grant whose end was decided, and whose row does not say so: web holds it
 * locked, or the tables' owner has put it back. Nothing is had for it (P5, T83, T84).
 */

const SOON = { timeout: 15_000 };

let house: House;
let agent: TestAgent;
let company: string;
let database: string;
let service: string;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let upstream: string;
let ending: ReturnType<typeof startEnding>;
const atService = serviceToken();

beforeAll(async () => {
  house = await openHouse();
  const { password, ...place } = await sampleCompany();
  company = place.database;
  database = await addTarget(house, databaseConfig(place), password);
  service = await addTarget(house, serviceConfig(atService));
  provider = await httpUpstream([['/v1/things', []]]);
  upstream = await addUpstream(house, httpConfig(provider.url), provider.secret);
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  agent = await newAgent(house);
  ending = startEnding(house.warden);
});
afterEach(() => ending.stop());

const approved = async (target: string, ask: Parameters<typeof file>[3] = {}) =>
  approve(house, await file(house, agent, target, ask));

/** A token of this agent's, for the service or for the gateway. */
async function tokenFor(target: string, ask: Parameters<typeof file>[3]) {
  const grantId = await approved(target, ask);
  const { body } = await collect(house, grantId, { token: agent.collect });
  return { grantId, token: body.credential.accessToken as string };
}

const introspected = (token: string) =>
  callWarden(house, '/v1/introspect', { token: atService, body: new URLSearchParams({ token }) });
const active = async (token: string) => (await introspected(token)).body.active;

async function giveBack(named: string): Promise<void> {
  const body = new URLSearchParams({ token: named });
  expect((await callWarden(house, '/v1/revoke', { token: agent.token, body })).status).toBe(200);
}
const collected = async (grantId: string) => (await collect(house, grantId, { token: agent.collect })).status;
const stateOf = async (grantId: string) => (await grantOf(house, grantId)).state;
const asOwner = (sql: string) =>
  withClient(house.database.adminUrl, (client) => client.query(`SET session_replication_role = 'replica'; ${sql}`));

/** Resolves once a statement of the warden's waits for a lock, which it does for a moment only. */
async function untilOneWaits(): Promise<void> {
  for (;;) {
    const rows = await house.owner.$queryRaw<unknown[]>`
      SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')`;
    if (rows.length > 0) return;
    await sleep(10);
  }
}
const alarms = () => house.warden.alarms.list().map(({ code, text }) => `${code} ${text}`);

describe('While web holds its row,', () => {
  test('no call passes the gateway with its token', async () => {
    const ask = { resources: ['path/v1/things/7'], verbs: ['put'], maxUses: 1_000 };
    const { grantId, token } = await tokenFor(upstream, ask);
    const write = async (): Promise<number> =>
      (await call(house, '/t/internal-api/v1/things/7', { method: 'PUT', token, body: '1' })).status;
    await house.fresh();
    expect(await write()).toBe(200);
    await holdRows(house, [grantId], async () => {
      await giveBack(token);
      await house.gateway.head.until((state) => state.isEnded(grantId), 5_000);
      expect(await write()).toBe(410);
      expect(await stateOf(grantId)).toBe('active');
    });
    await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked', endedBy: agent.id });
  });

  test('what is spent is over, and what others used is copied (P8)', async () => {
    const asked = { resources: ['path/v1/things/7'], verbs: ['put'] };
    const spent = await tokenFor(upstream, { ...asked, maxUses: 1 });
    const other = await tokenFor(upstream, { ...asked, maxUses: 10 });
    await house.stopAnswering();
    const used = [spent, other].map(({ grantId }) => ({ id: `use_${grantId}`, grantId, n: 1, instanceId: 'a copy' }));
    await house.owner.grantUse.createMany({ data: used });
    await holdRows(house, [spent.grantId], async () => {
      house.answerAgain();
      await house.gateway.head.until((state) => state.isEnded(spent.grantId), 5_000);
      await untilGrant(house, other.grantId, { state: 'active', uses: 1 });
      expect(await stateOf(spent.grantId)).toBe('active');
    });
    await untilGrant(house, spent.grantId, { state: 'ended', endReason: 'spent' });
    await untilGrant(house, spent.grantId, { uses: 1 });
  });

  test('no service hears that its token is active', async () => {
    const { grantId, token } = await tokenFor(service, { resources: ['deploy/api'], verbs: ['start'] });
    expect(await active(token)).toBe(true);
    await holdRows(house, [grantId], async () => {
      await giveBack(token);
      expect(await active(token)).toBe(false);
    });
    await untilGrant(house, grantId, { state: 'ended' });
    await asOwner(`UPDATE grants SET state = 'active' WHERE id = '${grantId}'`);
    expect(await active(token)).toBe(false);
    await asOwner(`UPDATE grants SET state = 'ended' WHERE id = '${grantId}'`);
  });

  test('no service hears so either that asked before it was stopped', async () => {
    const { grantId, token } = await tokenFor(service, { resources: ['deploy/api'], verbs: ['start'], maxUses: 9 });
    await ending.stop();
    const { asked } = await holdRows(house, [grantId], async () => {
      const asked = active(token);
      await untilOneWaits();
      house.warden.vault.stopped.add(grantId, { reason: 'revoked', by: agent.id });
      return { asked };
    });
    expect(await asked).toBe(false);
    expect(await grantOf(house, grantId)).toMatchObject({ state: 'active', uses: 1 });
  });

  test('nobody waits longer than a moment: whoever asks about its token, and whoever collects it (P8)', async () => {
    const { grantId, token } = await tokenFor(service, { resources: ['deploy/api'], verbs: ['start'], maxUses: 9 });
    const ready = await approved(database);
    await holdRows(house, [grantId, ready], async () => {
      const before = performance.now();
      const [asked, got] = await Promise.all([introspected(token), collected(ready)]);
      expect([asked.status >= 500, got >= 500]).toEqual([true, true]);
      expect(performance.now() - before).toBeLessThan(5_000);
    });
    expect(await active(token)).toBe(true);
    expect(await collected(ready)).toBe(200);
  });

  test('nobody collects it, and no alarm cries wolf', async () => {
    const grantId = await approved(database);
    await holdRows(house, [grantId], async () => {
      await giveBack(grantId);
      expect(await stateOf(grantId)).toBe('ready');
      expect(await collected(grantId)).toBe(410);
    });
    expect(alarms().join()).not.toContain(grantId);
    expect(await isMinted(grantId)).toBe(false);
  });
});

describe('The tables’ owner puts back', () => {
  const ask = { resources: ['deploy/api'], verbs: ['start'] };
  const back = "state = 'active', uses = 0";

  test('a token that was used up, which stays so', async () => {
    await ending.stop();
    const { grantId, token } = await tokenFor(service, { ...ask, maxUses: 2 });
    expect([await active(token), await active(token), await active(token)]).toEqual([true, true, false]);
    await asOwner(`UPDATE grants SET ${back} WHERE id = '${grantId}'`);
    expect(await active(token)).toBe(false);
    await asOwner(`UPDATE grants SET state = 'ending' WHERE id = '${grantId}'`);
  });

  test('a token that a person revoked, which stays so', async () => {
    const { grantId, token } = await tokenFor(service, ask);
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    await untilGrant(house, grantId, { state: 'ended' });
    await asOwner(`UPDATE grants SET ${back} WHERE id = '${grantId}'`);
    expect(await active(token)).toBe(false);
    await asOwner(`UPDATE grants SET state = 'ended' WHERE id = '${grantId}'`);
  });

  test('a token whose request is known to have ended, and nothing more: it stays so', async () => {
    const { token, grantId } = await tokenFor(service, ask);
    keepEnded(house.warden.vault, grantId, null);
    expect(await active(token)).toBe(false);
  });
});

test('Nobody collects it later, whatever the tables’ owner writes into its row (T84)', async () => {
  const grantId = await approved(database);
  const { collectBy, requestId } = await grantOf(house, grantId);
  await holdRows(house, [grantId], () => giveBack(grantId));
  await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked' });
  const back = `collect_by = '${collectBy.toISOString()}', end_reason = NULL, ended_by = NULL, ending_at = NULL, ended_at = NULL, proof = NULL`;
  await asOwner(`UPDATE grants SET state = 'ready', ${back} WHERE id = '${grantId}'`);
  expect(await collected(grantId)).toBe(403);
  expect(alarms().join('\n')).toMatch(new RegExp(`tampering Grant ${grantId} was collected`));
  const another = newId('grn');
  await asOwner(`UPDATE grants SET id = '${another}', state = 'ready', ${back} WHERE id = '${grantId}'`);
  expect((await grantOf(house, another)).requestId).toBe(requestId);
  expect(await collected(another)).toBe(403);
  await asOwner(`UPDATE grants SET id = '${grantId}', state = 'active' WHERE id = '${another}'`);
  expect(await collected(grantId)).toBe(409);
  expect([await isMinted(grantId), await isMinted(another)]).toEqual([false, false]);
  await asOwner(`DELETE FROM grants WHERE id = '${grantId}'`);
});

describe('It was stopped while a collection waited for its row:', () => {
  const SQL = "UPDATE bookings SET note = 'after it was stopped' WHERE id = 3";

  async function exact(): Promise<string> {
    const ask = { verbs: ['select', 'update'], operation: { sql: SQL, parameters: [] } };
    const row = await house.owner.request.findUniqueOrThrow({
      where: { id: await file(house, agent, database, ask) },
    });
    await prepare(house.warden, row, (look) => look());
    return approve(house, row.id);
  }

  async function exactAtProvider(): Promise<string> {
    const operation = { method: 'DELETE' as const, path: '/v1/things/1' };
    const requestId = await file(house, agent, upstream, {
      resources: ['path/v1/things/1'],
      verbs: ['delete'],
      operation,
    });
    const state = async () => (await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).state;
    await expect.poll(state, SOON).toBe('pending');
    return approve(house, requestId);
  }

  test.each([
    ['no credential is made', () => approved(database)],
    ['no operation is run', exact],
    ['no order is signed', exactAtProvider],
  ])('%s', async (_, make) => {
    const grantId = await make();
    // Otherwise its row might be written first.
    await ending.stop();
    const { waiting } = await holdRows(house, [grantId], async () => {
      const waiting = collected(grantId);
      await untilOneWaits();
      house.warden.vault.stopped.add(grantId, { reason: 'revoked', by: agent.id });
      return { waiting };
    });
    expect(await waiting).toBe(410);
    ending = startEnding(house.warden);
    await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked', endedBy: agent.id });
    expect(await isMinted(grantId)).toBe(false);
    const ran = await withClient(adminUrl(company), (client) =>
      client.query("SELECT FROM bookings WHERE note = 'after it was stopped'"),
    );
    expect(ran.rowCount).toBe(0);
    expect(await house.owner.order.count({ where: { grantId } })).toBe(0);
  });
});
