import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { databaseNow } from '#lib/db';
import { withClient } from '#scripts/postgres';
import {
  addTarget,
  approve,
  callWarden,
  change,
  collect,
  databaseConfig,
  file,
  grantOf,
  type House,
  isMinted,
  newAgent,
  openHouse,
  sampleCompany,
  session,
  type TestAgent,
  untilGrant,
} from '#testing/warden';
import { startEnding } from '../index';

/*
 * Web's role may write that a grant is ending, and when its end is tried again.
 * The first is a decision, and the second puts nothing off (P5, P9).
 */

let house: House;
let agent: TestAgent;
let database: string;

beforeAll(async () => {
  house = await openHouse();
  const { password, ...place } = await sampleCompany();
  database = await addTarget(house, databaseConfig(place), password);
});
afterAll(() => house.close());
beforeEach(async () => {
  agent = await newAgent(house);
});

async function live() {
  const grantId = await approve(house, await file(house, agent, database));
  const { body } = await collect(house, grantId, { token: agent.collect });
  const client = await session(body.credential);
  const gone = new Promise<void>((resolve) => void client.once('end', () => resolve()));
  return { grantId, gone };
}

const putOff = (grantId: string, reason = 'revoked', by = 'x') =>
  withClient(house.database.webUrl, (web) =>
    web.query(
      `UPDATE grants SET state = 'ending', end_reason = $2, ended_by = $3, ending_at = now(), retry_at = now() + interval '50 s'
       WHERE id = $1 AND state <> 'ended'`,
      [grantId, reason, by],
    ),
  );

const giveBack = async (grantId: string) => {
  const body = new URLSearchParams({ token: grantId });
  expect((await callWarden(house, '/v1/revoke', { token: agent.token, body })).status).toBe(200);
};

test('A freeze ends what the warden’s own files have as living, whatever the tables’ owner wrote of it (P9)', async () => {
  const ending = startEnding(house.warden);
  const { grantId, gone } = await live();
  await withClient(house.database.adminUrl, async (client) => {
    await client.query('SET session_replication_role = replica');
    await client.query(
      `UPDATE grants SET state = 'ended', ending_at = now(), ended_at = now(), end_reason = 'revoked', ended_by = 'x', proof = '["Dead."]'
       WHERE id = $1`,
      [grantId],
    );
  });
  await sleep(1_500);
  expect(await isMinted(grantId)).toBe(true);
  const [freezeId, begunAt] = [newId('frz'), await databaseNow(house.web)];
  const { human } = house.ada;
  await house.web.freeze.create({ data: { id: freezeId, humanId: human.id, reason: 'Odd.', begunAt } });
  await gone;
  await expect.poll(() => isMinted(grantId), { timeout: 15_000 }).toBe(false);
  await ending.stop();
  const frozenBy = { id: human.id, name: human.name };
  await change(house, { kind: 'freeze.thaw', freezeId, frozenBy, frozenAt: begunAt.toISOString(), reason: 'Odd.' });
});

describe('A session whose row says that it is ending and is tried again later', () => {
  test.each([
    ['revoked', 'x'],
    ['expired', 'clock'],
  ])('ends at once, however often web says so: %s', async (reason, by) => {
    const ending = startEnding(house.warden);
    const { grantId, gone } = await live();
    let over = false;
    const again = (async () => {
      for (; !over; await sleep(500)) await putOff(grantId, reason, by);
    })();
    await gone;
    await untilGrant(house, grantId, { state: 'ended' });
    over = true;
    await again;
    expect(await isMinted(grantId)).toBe(false);
    await ending.stop();
  });

  test('ends although its proof cannot be had yet, and a pause follows that no row sets', async () => {
    const { grantId, gone } = await live();
    let tries = 0;
    const open: House['warden']['targets']['open'] = (...way) => {
      tries += 1;
      return house.warden.targets.open(...way);
    };
    const probe = async () => ({ dead: false, lines: ['It answered.'] });
    const targets = {
      ...house.warden.targets,
      open: (...way: Parameters<typeof open>) => ({ ...open(...way), probe }),
    };
    const ending = startEnding({ ...house.warden, targets });
    await putOff(grantId);
    await gone;
    await untilGrant(house, grantId, { state: 'ending', trouble: 'It answered.', attempts: 3 });
    const before = tries;
    await sleep(1_500);
    // The third pause is of five seconds.
    expect(tries).toBe(before);
    await ending.stop();
    const after = startEnding(house.warden);
    await untilGrant(house, grantId, { state: 'ended', trouble: null });
    await after.stop();
  });

  test('is over in the warden’s own files once it is seen, with what its row says of why', async () => {
    const [mine, theirs] = [await live(), await live()];
    const by = house.ada.human.id;
    await putOff(mine.grantId, 'voided', by);
    await putOff(theirs.grantId, 'voided', 'warden\nand more');
    const ending = startEnding(house.restarted());
    await Promise.all([mine.gone, theirs.gone]);
    await ending.stop();
    const { stopped } = house.restarted().vault;
    expect(stopped.unwritten.get(mine.grantId)).toMatchObject({ reason: 'voided', by });
    expect(stopped.unwritten.get(theirs.grantId)).toMatchObject({ reason: 'voided', by: 'warden' });
  });

  test('can be given back: only what was decided here is over', async () => {
    const { grantId } = await live();
    await putOff(grantId);
    expect(house.warden.vault.stopped.has(grantId)).toBe(false);
    await giveBack(grantId);
    expect(house.warden.vault.stopped.has(grantId)).toBe(true);
    expect(await grantOf(house, grantId)).toMatchObject({ state: 'ending', endedBy: 'x' });
  });
});
