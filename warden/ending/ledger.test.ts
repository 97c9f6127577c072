import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { withClient } from '#scripts/postgres';
import { holdOpen } from '#testing/database';
import {
  addTarget,
  approve,
  collect,
  databaseConfig,
  factsOfAgent,
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
import { collectGrant } from '../issuer';
import type { Target } from '../targets';
import { startEnding } from './index';

/* Ends that ask nothing of the shared database, whatever a thief there does (P5, T83, T84). */

let house: House;
let agent: TestAgent;
let targetId: string;
let ending: ReturnType<typeof startEnding>;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  const { password, ...place } = await sampleCompany();
  targetId = await addTarget(house, databaseConfig(place), password);
});
afterAll(() => house.close());
beforeEach(() => {
  ending = startEnding(house.warden);
});
afterEach(() => ending.stop());

const asOwner = (sql: string) =>
  withClient(house.database.adminUrl, (client) => client.query(`SET session_replication_role = 'replica'; ${sql}`));
const liveIds = (): string[] => house.warden.vault.live.list().map(({ grantId }) => grantId);

/** A session that is over soon. */
async function short(ttlSeconds = 2) {
  const grantId = await approve(house, await file(house, agent, targetId, { ttlSeconds }));
  const { body } = await collect(house, grantId, { token: agent.collect });
  const client = await session(body.credential);
  const gone = new Promise<void>((resolve) => void client.once('end', () => resolve()));
  return { grantId, gone };
}

describe('A session ends in time although', () => {
  test('somebody holds a lock on its grant', async () => {
    const { grantId, gone } = await short();
    expect(liveIds()).toContain(grantId);
    await withClient(house.database.webUrl, async (thief) => {
      await thief.query('BEGIN');
      await thief.query('UPDATE grants SET version = version WHERE id = $1', [grantId]);
      await gone;
      await expect.poll(() => isMinted(grantId), { timeout: 20_000 }).toBe(false);
      expect((await grantOf(house, grantId)).state).toBe('active');
      await thief.query('ROLLBACK');
    });
    await untilGrant(house, grantId, { state: 'ended', endReason: 'expired' });
    expect(liveIds()).not.toContain(grantId);
  });

  test('the database is away', async () => {
    const { grantId, gone } = await short();
    await house.wire.cut();
    await gone;
    await expect.poll(() => isMinted(grantId), { timeout: 20_000 }).toBe(false);
    await house.wire.mend();
    await untilGrant(house, grantId, { state: 'ended', endReason: 'expired' });
  });

  test('its grant was deleted, and its end moved', async () => {
    const [deleted, moved] = [await short(), await short()];
    await asOwner(`DELETE FROM grants WHERE id = '${deleted.grantId}'`);
    await asOwner(`UPDATE grants SET expires_at = now() + interval '1 year' WHERE id = '${moved.grantId}'`);
    await Promise.all([deleted.gone, moved.gone]);
    for (const { grantId } of [deleted, moved])
      await expect.poll(() => isMinted(grantId), { timeout: 20_000 }).toBe(false);
  });

  test('the warden was started again on a chain that is cut and with its secret swapped', async () => {
    const { grantId, gone } = await short(3);
    await ending.stop();
    await asOwner(
      `CREATE TABLE kept AS SELECT * FROM chain; DELETE FROM chain WHERE seq > 1;
       CREATE TABLE kept_sealed AS SELECT * FROM sealed; UPDATE sealed SET sealed = 'x'`,
    );
    ending = startEnding(house.restarted());
    await gone;
    await expect.poll(() => isMinted(grantId), { timeout: 20_000 }).toBe(false);
    await asOwner(
      'DELETE FROM chain; INSERT INTO chain SELECT * FROM kept; DELETE FROM sealed; INSERT INTO sealed SELECT * FROM kept_sealed',
    );
  });
});

test('A hundred rows that cannot be ended keep no other from being ended and proven (P8)', async () => {
  await asOwner(`
    INSERT INTO grants (id, kind, agent_id, target_id, resources, verbs, ttl_seconds, state, ready_at, collect_by, expires_at, created_at)
    SELECT 'grn_bad' || n, 'resting', '${agent.id}', '${targetId}', '{}', '{}', 1, 'active', now(), now(), now() - interval '1 hour', now() - interval '1 day'
    FROM generate_series(1, 120) n;
    CREATE FUNCTION keep_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;
    CREATE TRIGGER keep_it BEFORE UPDATE ON grants FOR EACH ROW WHEN (OLD.id LIKE 'grn_bad%') EXECUTE FUNCTION keep_it()`);
  const { grantId } = await short();
  await untilGrant(house, grantId, { state: 'ended', endReason: 'expired' });
  await asOwner(`DROP TRIGGER keep_it ON grants; DELETE FROM grants WHERE id LIKE 'grn_bad%'`);
});

test('The ledger’s line is there before the role, and holds no secret in clear', async () => {
  const { grantId, gone } = await short();
  const [line] = house.warden.vault.live.list().filter((one) => one.grantId === grantId);
  expect(line?.reference).toBe(`cs_${grantId}`);
  expect(line?.until).toEqual((await grantOf(house, grantId)).expiresAt);
  expect(JSON.parse(house.warden.vault.open(grantId, line?.sealed ?? ''))).toMatchObject({
    secret: expect.any(String),
    way: expect.stringContaining('"kind":"postgres"'),
  });
  await gone;
});

test('A credential that is made after its time is over lives nowhere, and nobody gets it', async () => {
  const grantId = await approve(house, await file(house, agent, targetId, { ttlSeconds: 1 }));
  const { open } = house.warden.targets;
  let letGo = async (): Promise<void> => undefined;
  // The grant's row stays as it is meanwhile, so that only its time says that it is over.
  const late = (target: Target): Target['mint'] => {
    return async (...all) => {
      letGo = await holdOpen(house.web, [`UPDATE grants SET version = version WHERE id = '${grantId}'`]);
      await sleep(4_500);
      return target.mint(...all);
    };
  };
  const targets: typeof house.warden.targets = {
    ...house.warden.targets,
    open(...way) {
      const target = open(...way);
      return { ...target, mint: late(target) };
    },
  };
  const collecting = collectGrant({ ...house.warden, targets }, house.results, factsOfAgent(agent), grantId);
  await expect(collecting).rejects.toMatchObject({ code: 'gone' });
  await letGo();
  expect(await isMinted(grantId)).toBe(false);
});

test('What a row says of where its credential is proves no end: the ledger knows what was made (T83)', async () => {
  const { password, ...place } = await sampleCompany();
  const elsewhere = await addTarget(house, databaseConfig(place, { name: 'elsewhere' }), password);
  for (const lie of ['reference = NULL', `target_id = '${elsewhere}'`]) {
    const { grantId, gone } = await short(600);
    await asOwner(`UPDATE grants SET ${lie} WHERE id = '${grantId}'`);
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    await gone;
    await untilGrant(house, grantId, { state: 'ended' });
    expect(await isMinted(grantId)).toBe(false);
  }
});

test('A grant that was revoked before anybody collected it is brought back by no row (T84)', async () => {
  const other = await newAgent(house);
  const grantId = await approve(house, await file(house, other, targetId, {}));
  const before = await grantOf(house, grantId);
  // As the end comes, it is for another request, by the row.
  await asOwner(`UPDATE grants SET request_id = NULL, kind = 'resting' WHERE id = '${grantId}'`);
  await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
  await untilGrant(house, grantId, { state: 'ended' });
  await asOwner(`UPDATE grants SET request_id = '${before.requestId}', kind = '${before.kind}', state = 'ready', end_reason = NULL, ended_by = NULL, ending_at = NULL, ended_at = NULL,
    proof = NULL, collect_by = '${before.collectBy.toISOString()}' WHERE id = '${grantId}'`);
  expect((await collect(house, grantId, { token: other.collect })).status).toBeGreaterThanOrEqual(400);
  expect(await isMinted(grantId)).toBe(false);
  const texts = house.warden.alarms.list().map(({ code, text }) => `${code} ${text}`);
  expect(texts.join('\n')).toMatch(new RegExp(`tampering Grant ${grantId} was collected`));
});
