import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Json, newId } from '#lib/core';
import { databaseNow } from '#lib/db';
import { requirementsOf } from '#lib/policy';
import { profileHash } from '#lib/profiles';
import { askDigest, type Look, signRecord } from '#lib/records';
import { askOf } from '#lib/requests';
import type { Preview } from '#lib/statement';
import { isUpstream } from '#lib/targets';
import { type TcpProxy, tcpProxy } from '#testing/network';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  addTarget,
  change,
  databaseConfig,
  file,
  type House,
  newAgent,
  openHouse,
  sampleCompany,
  type TestAgent,
} from '#testing/warden';
import { startPreviews } from './index';
import { takeLook } from './looks';
import { reportTargets } from './report';

let house: House;
let agent: TestAgent;
let targetId: string;
let way: TcpProxy;
let previews: ReturnType<typeof startPreviews>;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  const { password, ...place } = await sampleCompany();
  way = await tcpProxy(place.port);
  targetId = await addTarget(house, databaseConfig({ ...place, port: way.port }), password);
});
afterAll(() => house.close());
beforeEach(() => {
  previews = startPreviews(house.warden);
});
afterEach(() => previews.stop());

const request = (id: string) => house.owner.request.findUniqueOrThrow({ where: { id } });
const until = (id: string, what: object) => expect.poll(() => request(id), { timeout: 20_000 }).toMatchObject(what);
const alarms = () => house.warden.alarms.list().map(({ code }) => code);

test('A filed request is previewed by the warden and waits for people', async () => {
  const id = await file(house, agent, targetId, {
    operation: { sql: 'UPDATE bookings SET note = $1 WHERE id <= 3', parameters: ['x'] },
  });
  await until(id, { state: 'pending', danger: 1 });
  expect((await request(id)).preview).toMatchObject({ maxRows: 3 });
});

test('What cannot be previewed is denied by the warden, with the reason (P7)', async () => {
  const id = await file(house, agent, targetId, { resources: ['table/public.no_such_table'] });
  await until(id, { state: 'denied', decidedBy: 'warden', stateReason: expect.stringContaining('no_such_table') });
});

/** What planning would run, over rows that the agent only asks to read. */
const ROWS = "table_to_xml('public.customers', false, true, '')::text";

test.each([
  ['a cast that would quote rows', `SELECT id FROM bookings WHERE id = (${ROWS})::int`],
  ['a name made of rows', `SELECT id FROM bookings WHERE id = (${ROWS})::regclass::oid::int`],
  ['a division by what rows are', `SELECT id FROM bookings WHERE id = 1 / (length(${ROWS}) * 0)`],
])('%s is not planned: people are told why, the agent sees a request that waits (P1, T79)', async (_, sql) => {
  const resources = ['table/public.bookings', 'table/public.customers'];
  const operation = { sql, parameters: [], maxRows: 5 };
  const id = await file(house, agent, targetId, { resources, verbs: ['select'], operation });
  await until(id, { state: 'pending', stateReason: null, version: 1 });
  const { preview } = await request(id);
  expect(preview).toMatchObject({ plan: null, warnings: [expect.stringMatching(/^Not planned.*table_to_xml/)] });
  expect(preview).not.toHaveProperty('blocked');
});

test('What fails while it is planned blocks the request: people see it and can deny it, the agent is not told (P1)', async () => {
  const sql = "SELECT id FROM bookings WHERE id = ('a' || 'b')::int";
  const id = await file(house, agent, targetId, { verbs: ['select'], operation: { sql, parameters: [] } });
  await until(id, { state: 'pending', stateReason: null, version: 1 });
  expect((await request(id)).preview).toMatchObject({ blocked: expect.stringContaining('SQLSTATE 22P02') });
});

test.each([
  ['a right', 'SELECT id FROM customers', 'It needs select on table/public.customers'],
  ['a column', 'SELECT nigths FROM bookings', 'column "nigths" does not exist'],
])('Where %s is missing the agent is told at once: nothing was planned (P1, T79)', async (_, sql, said) => {
  const id = await file(house, agent, targetId, { verbs: ['select'], operation: { sql, parameters: [] } });
  await until(id, { state: 'denied', decidedBy: 'warden', stateReason: expect.stringContaining(said) });
});

test('What is refused as it stands is refused at once, however long the same agent’s other looks take (P1, T79)', async () => {
  const greedy = await newAgent(house);
  const slow = await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      file(house, greedy, targetId, {
        verbs: ['select'],
        operation: {
          sql: `SELECT id FROM bookings, generate_series(1, 1000000000) AS g WHERE g < -${n}`,
          parameters: [],
        },
      }),
    ),
  );
  const wrong = await file(house, greedy, targetId, { resources: ['table/public.no_such_table'] });
  await until(wrong, { state: 'denied', decidedBy: 'warden' });
  const states = await house.owner.request.findMany({ where: { id: { in: slow } }, select: { state: true } });
  expect(states).toEqual(slow.map(() => ({ state: 'preparing' })));
});

test('What the rules do not allow is denied also where somebody wrote it straight into the table', async () => {
  const id = await file(house, agent, targetId, { verbs: ['drop'], ttlSeconds: 999_999 });
  await until(id, { state: 'denied', stateReason: expect.stringContaining('/ttlSeconds') });
});

test('A request whose stored operation is unreadable is denied and holds up nobody', async () => {
  const [bad, good] = [
    await file(house, agent, targetId, { operation: { sql: 7 } }),
    await file(house, agent, targetId),
  ];
  await until(bad, { state: 'denied' });
  await until(good, { state: 'pending' });
});

test('While the target is away requests wait with an alarm that names it, and go on by themselves', async () => {
  await way.cut();
  const id = await file(house, agent, targetId);
  await expect
    .poll(() => house.warden.alarms.list().find(({ code }) => code === 'target_unreachable')?.text, { timeout: 20_000 })
    .toContain('bookings');
  expect((await request(id)).state).toBe('preparing');
  await way.mend();
  await until(id, { state: 'pending' });
  await expect.poll(alarms).not.toContain('target_unreachable');
});

test('Silence is denial: what nobody decided in time lapses, by the database’s clock', async () => {
  const [filed, waiting] = [await file(house, agent, targetId), await file(house, agent, targetId)];
  await until(waiting, { state: 'pending' });
  await house.owner.$executeRaw`UPDATE requests SET decide_by = now() WHERE id IN (${filed}, ${waiting})`;
  await until(filed, { state: 'lapsed', decidedBy: 'clock' });
  await until(waiting, { state: 'lapsed', decidedBy: 'clock' });
});

test('A swapped secret is not used: the request waits, and the alarm says so', async () => {
  const before = await house.owner.sealed.findUniqueOrThrow({ where: { ownerId: targetId } });
  await house.owner.sealed.update({
    where: { ownerId: targetId },
    data: { sealed: house.warden.vault.seal(targetId, 'stolen') },
  });
  const id = await file(house, agent, targetId);
  await expect.poll(alarms).toContain('tampering');
  expect((await request(id)).state).toBe('preparing');
  await house.owner.sealed.update({ where: { ownerId: targetId }, data: { sealed: before.sealed } });
  await until(id, { state: 'pending' });
});

test('A target that is gone is asked nothing', async () => {
  const { password, ...place } = await sampleCompany();
  const gone = await addTarget(house, databaseConfig(place, { name: 'gone' }), password);
  await change(house, {
    kind: 'target.disable',
    targetId: gone as `tgt_${string}`,
    name: 'gone',
    environment: 'staging',
  });
  const id = await file(house, agent, gone);
  await until(id, { state: 'denied', stateReason: 'There is no such target any more.' });
});

const report = async () => (await house.owner.target.findUniqueOrThrow({ where: { id: targetId } })).report;

test('The console is told what a database holds, or why nobody could look, and by itself when it is back', async () => {
  await expect.poll(report, { timeout: 20_000 }).toMatchObject({ version: expect.stringMatching(/^PostgreSQL \d/) });
  expect(await report()).toMatchObject({ tables: expect.arrayContaining(['table/public.bookings']) });
  await previews.stop();
  await way.cut();
  await reportTargets(house.warden);
  expect(await report()).toMatchObject({ trouble: expect.stringMatching(/\w/) });
  await way.mend();
  await reportTargets(house.warden);
  expect(await report()).toMatchObject({ tables: expect.arrayContaining(['table/public.bookings']) });
});

/** At a provider that the gateway has not looked at, filed so many seconds ago. */
async function unseen(upstreamId: string, secondsAgo: number): Promise<string> {
  const ask = { resources: ['path/v1/things/1', 'path/v1/things/2'], verbs: ['delete'] };
  const createdAt = new Date((await databaseNow(house.owner)).getTime() - secondsAgo * 1_000);
  return file(house, agent, upstreamId, { ...ask, createdAt });
}

test('What the gateway has not looked at within a minute goes to people as UNKNOWN, and a later look changes nothing (P1, P7)', async () => {
  const provider = await httpUpstream();
  const config = httpConfig(provider.url);
  const upstreamId = await addUpstream(house, config, provider.secret);
  await house.copy.close();
  // Long enough ago that a busy machine takes it in before its minute is over.
  const young = await unseen(upstreamId, 20);
  const blocked = await unseen(upstreamId, 20);
  const old = await unseen(upstreamId, 61);
  await until(old, { state: 'pending' });
  const row = await request(old);
  const preview = row.preview as unknown as Preview;
  expect(preview.warnings.join()).toContain('UNKNOWN');
  expect(preview.by).toBeUndefined();
  expect(preview.found).toEqual(
    row.resources.map((label) => ({ label, values: null, weight: 'danger', bound: false })),
  );
  expect(row.danger).toBe(requirementsOf(config, askOf(row), preview).danger);
  expect(row.danger).toBeGreaterThan(0);
  expect(await request(young)).toMatchObject({ state: 'preparing', preview: null });

  await takeLook(house.warden, await lookAt(row, upstreamId));
  expect(await request(old)).toEqual(row);
  // In time it would have counted.
  await takeLook(house.warden, await lookAt(await request(young), upstreamId));
  expect(await request(young)).toMatchObject({ state: 'pending', preview: { by: 'gateway' } });
  // What kept the gateway from looking is for people, with its reason, and no word of it for the agent.
  const reason = 'The provider refused this secret.';
  await takeLook(house.warden, await lookAt(await request(blocked), upstreamId, { kind: 'blocked', reason }));
  expect(await request(blocked)).toMatchObject({
    ...{ state: 'pending', stateReason: null },
    preview: { by: 'gateway', blocked: reason, warnings: [expect.stringContaining('UNKNOWN')] },
  });
  await provider.close();
});

/** As the gateway would have said, too late, that it does nothing to speak of. */
async function lookAt(row: Awaited<ReturnType<typeof request>>, upstreamId: string, outcome?: Look['outcome']) {
  const signed = (await house.warden.authority.current(house.warden.db)).targets.get(upstreamId);
  if (signed === undefined || !isUpstream(signed.config)) throw new Error('no such target');
  const preview = { effects: ['Deletes two things.'], touched: [], warnings: [], maxRows: null, plan: null };
  const look: Look = {
    requestId: row.id,
    ask: askDigest(row.id, agent.id, upstreamId, askOf(row)),
    targetChainHash: signed.chainHash,
    profileHash: profileHash(signed.config.profile),
    at: new Date().toISOString(),
    outcome: outcome ?? { kind: 'found', operation: null, acts: [], danger: 9, preview },
  };
  const record = signRecord(house.keys.gatewayKey, 'look', look as unknown as Json);
  return house.owner.look.create({ data: { id: newId('prb'), kind: 'request', subjectId: row.id, ...record } });
}
