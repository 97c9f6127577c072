import { afterAll, beforeAll, expect, test } from 'vitest';
import { GATEWAY_ANSWERS } from '#lib/http/openapi';
import { withClient } from '#scripts/postgres';
import { adminUrl } from '#testing/database';
import { type TcpProxy, tcpProxy } from '#testing/network';
import {
  addTarget,
  approve,
  callWarden as call,
  collect,
  databaseConfig,
  factsOfAgent,
  file,
  grantOf,
  type House,
  holdRows,
  isMinted,
  newAgent,
  openHouse,
  sampleCompany,
  type TestAgent,
} from '#testing/warden';
import { startEnding } from '#warden/ending';
import { prepare } from '../preview/prepare';

let house: House;
let agent: TestAgent;
let targetId: string;
let way: TcpProxy;
let database: string;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  const { password, ...place } = await sampleCompany();
  way = await tcpProxy(place.port);
  database = place.database;
  targetId = await addTarget(house, databaseConfig({ ...place, port: way.port }), password);
});
afterAll(() => house.close());

const count = async (note: string): Promise<number> =>
  withClient(
    adminUrl(database),
    async (client) => (await client.query('SELECT 1 FROM bookings WHERE note = $1', [note])).rowCount ?? 0,
  );

async function approved(sql: string, parameters: readonly (string | number)[] = []): Promise<string> {
  const requestId = await file(house, agent, targetId, {
    verbs: ['select', 'update'],
    operation: { sql, parameters: [...parameters] },
  });
  const request = await house.owner.request.findUniqueOrThrow({ where: { id: requestId } });
  await prepare(house.warden, request, (look) => look());
  return approve(house, requestId);
}

test('The warden runs the approved statement itself; the agent gets the result and no credential', async () => {
  const grantId = await approved("UPDATE bookings SET note = 'once' WHERE id <= 2 RETURNING id");
  const { status, body } = await collect(house, grantId, { token: agent.collect });
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual(['grantId', 'result']);
  expect(GATEWAY_ANSWERS.Collected.parse(body)).toEqual(body);
  expect(body.result).toMatchObject({ rowCount: 2, columns: ['id'] });
  expect(await count('once')).toBe(2);
  expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({
    state: 'ending',
    endReason: 'spent',
  });
  const read = await call(house, `/v1/grants/${grantId}`, { method: 'GET', token: agent.token });
  expect(read.body.result).toEqual(body.result);
});

test('Of 20 collections at once it runs once (T64)', async () => {
  const grantId = await approved("UPDATE bookings SET note = coalesce(note, '') || '+' WHERE id = 7");
  await withClient(adminUrl(database), (client) => client.query("UPDATE bookings SET note = '' WHERE id = 7"));
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => collect(house, grantId, { token: agent.collect })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await count('+')).toBe(1);
});

test('Where the world drifted since the preview it does not run, and the grant is void', async () => {
  const grantId = await approved("UPDATE bookings SET note = 'drift' WHERE note = 'bait'");
  await withClient(adminUrl(database), (client) => client.query("UPDATE bookings SET note = 'bait' WHERE id = 9"));
  const { status, body } = await collect(house, grantId, { token: agent.collect });
  expect([status, body.code]).toEqual([502, 'target_refused']);
  expect(await count('drift')).toBe(0);
  expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({
    state: 'ending',
    endReason: 'voided',
  });
});

test('What it ran with ends although web holds its row when the result is to be recorded, and the record follows (P5)', async () => {
  const grantId = await approved("UPDATE bookings SET note = 'held' WHERE id = 12");
  const [ran, held] = [moment(), moment()];
  const open: House['warden']['targets']['open'] = (...way) => {
    const target = house.warden.targets.open(...way);
    const execute: typeof target.execute = async (...all) => {
      const result = await target.execute(...all);
      ran.come();
      await held.came;
      return result;
    };
    return { ...target, execute };
  };
  const { collectGrant } = await import('./collect');
  const waiting = { ...house.warden, targets: { ...house.warden.targets, open } };
  const collecting = collectGrant(waiting, house.results, factsOfAgent(agent), grantId);
  await ran.came;
  await holdRows(house, [grantId], async () => {
    held.come();
    await expect.poll(() => house.warden.vault.stopped.has(grantId), { timeout: 10_000 }).toBe(true);
    expect(await grantOf(house, grantId)).toMatchObject({ state: 'active', uses: 0 });
  });
  expect(await collecting).toMatchObject({ result: { rowCount: 1 } });
  expect(await grantOf(house, grantId)).toMatchObject({ state: 'ending', endReason: 'spent', uses: 1 });
});

/** Something that is waited for. */
function moment(): { readonly came: Promise<void>; come(): void } {
  let come: () => void = () => undefined;
  const came = new Promise<void>((resolve) => (come = resolve));
  return { came, come };
}

test('A run that a crash cut off is never repeated: the next start voids it and cleans up', async () => {
  const grantId = await approved("UPDATE bookings SET note = 'crash' WHERE id = 11");
  const crash = { ...house.warden, targets: { ...house.warden.targets, open: dying(house.warden.targets.open) } };
  const { collectGrant } = await import('./collect');
  const died = collectGrant(crash, house.results, factsOfAgent(agent), grantId);
  await expect(Promise.race([died, lastBreath])).resolves.toBe('killed');
  expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({ state: 'active' });
  const ending = startEnding(house.restarted());
  await expect
    .poll(() => house.owner.grant.findUniqueOrThrow({ where: { id: grantId } }), { timeout: 10_000 })
    .toMatchObject({ state: 'ended', endReason: 'voided' });
  await ending.stop();
  expect(await isMinted(grantId)).toBe(false);
  expect((await collect(house, grantId, { token: agent.collect })).status).toBe(410);
  expect(await count('crash')).toBe(0);
});

let breathe: (word: string) => void = () => undefined;
const lastBreath = new Promise<string>((resolve) => (breathe = resolve));

/** A process that is killed when it would run the statement: nothing after that happens. */
const dying =
  (open: House['warden']['targets']['open']): typeof open =>
  (config, secret) => ({
    ...open(config, secret),
    execute: () => {
      breathe('killed');
      return new Promise(() => undefined);
    },
  });
