import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checksummedToken, newId, sha256Base64url } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { withClient } from '#scripts/postgres';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  allowRest,
  approve,
  call,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  type TestAgent,
} from '#testing/warden';

/* The gateway as it runs, with a thief of the database, and with a warden that is down. */

const OUTAGE_SECONDS = 4;

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let targetId: string;
let agent: TestAgent;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', []]]);
  const config = httpConfig(provider.url, { opens: ['GET /v1/things'], outageSeconds: OUTAGE_SECONDS });
  targetId = await addUpstream(house, config, provider.secret);
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  house.publisher.resume();
  agent = await newAgent(house);
  await allowRest(house, agent, targetId);
  await expect.poll(() => read(), { timeout: 10_000 }).toBe(200);
});

const read = async (token = agent.token): Promise<number> =>
  (await call(house, '/t/internal-api/v1/things', { method: 'GET', token })).status;
const write = async (token: string): Promise<number> =>
  (await call(house, '/t/internal-api/v1/things/7', { method: 'PUT', token, body: '1' })).status;

async function granted(): Promise<{ grantId: string; token: string }> {
  const ask = { resources: ['path/v1/things/7'], verbs: ['put'], maxUses: 1_000 };
  const grantId = await approve(house, await file(house, agent, targetId, ask));
  const { body } = await collect(house, grantId, { token: agent.token });
  return { grantId, token: body.credential.accessToken };
}

/** As the tables' owner, with every trigger out of the way. */
const asThief = (sql: string, values: unknown[] = []): Promise<void> =>
  withClient(house.database.adminUrl, async (client) => {
    await client.query('SET session_replication_role = replica');
    await client.query(sql, values);
  });

const alarms = async (): Promise<string> => JSON.stringify(await house.owner.gatewayInstance.findMany());
const SOON = { timeout: 3_000, interval: 50 };

describe('A thief of the database', () => {
  test('does not revive an ended grant by setting its row back (P3)', async () => {
    const { grantId, token } = await granted();
    expect(await write(token)).toBe(200);
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    await expect.poll(() => write(token), SOON).toBe(410);
    await house.gateway.head.until((state) => state.isEnded(grantId), 5_000);
    await house.publisher.pause();
    await asThief("UPDATE grants SET state = 'active', ending_at = NULL WHERE id = $1", [grantId]);
    expect(await write(token)).toBe(410);
    await asThief('DELETE FROM ended_grants');
    expect(await write(token)).toBe(410);
    await expect.poll(alarms, { timeout: 10_000 }).toContain('list of ended grants');
  });

  test.each([
    ['its row and the list of ended grants back at once', 'ended', '1 hour'],
    ['its end forward first, so that nobody minds it any more', 'shortened', '0 seconds'],
  ])('revives no grant, while the warden runs, that brings %s (P3)', async (_, way) => {
    const { grantId, token } = await granted();
    expect(await write(token)).toBe(200);
    if (way === 'shortened') await asThief('UPDATE grants SET expires_at = now() WHERE id = $1', [grantId]);
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    await house.gateway.head.until((state) => state.isEnded(grantId), 5_000);
    await asThief(
      `WITH over AS (DELETE FROM ended_grants)
        UPDATE grants SET state = 'active', ending_at = NULL, expires_at = now() + interval '1 hour' WHERE id = $1`,
      [grantId],
    );
    const answers: number[] = [];
    for (let tries = 0; tries < 15; tries++) {
      answers.push(await write(token));
      await sleep(200);
    }
    expect(answers).not.toContain(200);
  });

  test('lets nobody in by an agent’s row alone, and an alarm tells of records that were changed (P3)', async () => {
    await house.publisher.pause();
    const [id, stolen] = [newId('agt'), checksummedToken('ask')];
    await house.owner.agent.update({ where: { id: agent.id }, data: { tokenHash: sha256Base64url(stolen) } });
    expect(await read(stolen)).toBe(503);
    await expect.poll(() => read(), SOON).toBe(401);
    await asThief(
      "INSERT INTO records SELECT kind, $1, body, signature, digest FROM records WHERE kind = 'agent' LIMIT 1",
      [id],
    );
    await expect.poll(alarms, { timeout: 10_000 }).toContain('records of targets, agents and reads');
    expect(house.gateway.head.state()?.agents.has(id)).toBe(false);
  });

  test('does not bring an old head back, and nothing passes while it lies there', async () => {
    const [old] = await house.owner.head.findMany();
    if (old === undefined) throw new Error('no head');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await house.publisher.pause();
    const { seq, body, signature } = old;
    await asThief('UPDATE heads SET seq = $1, body = $2, signature = $3', [seq, body, signature]);
    await expect.poll(alarms, { timeout: 10_000 }).toContain('older head');
    await expect.poll(() => read(), { timeout: 10_000 }).toBe(503);
    // A copy that starts now has seen nothing fresh, and lets nothing pass either.
    const late = await house.anotherCopy('late');
    expect(late.gateway.head.ageSeconds()).toBe(Number.POSITIVE_INFINITY);
    await late.close();
  }, 60_000);
});

describe('While the warden is down', () => {
  test('nothing above rest passes after two seconds, and rest to its bound', async () => {
    const { token } = await granted();
    expect(await write(token)).toBe(200);
    await house.publisher.pause();
    const [begun, ageAtFirst] = [performance.now(), house.gateway.head.ageSeconds()];
    await expect.poll(() => write(token)).toBe(503);
    expect(await read()).toBe(200);
    await expect.poll(() => read(), { timeout: 10_000 }).toBe(503);
    // The bound is one on the age of the head, which had an age when the warden went down.
    expect(ageAtFirst + (performance.now() - begun) / 1_000).toBeGreaterThanOrEqual(OUTAGE_SECONDS);
    house.publisher.resume();
    await expect.poll(() => write(token), { timeout: 10_000 }).toBe(200);
  });

  test('every no is heard at once: a freeze, a revocation, an agent that was switched off', async () => {
    const { grantId, token } = await granted();
    const other = await newAgent(house);
    await allowRest(house, other, targetId);
    await expect.poll(() => read(other.token), SOON).toBe(200);
    await house.publisher.pause();
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    await house.owner.agent.update({ where: { id: other.id }, data: { state: 'disabled' } });
    await expect.poll(() => read(other.token), { timeout: 1_500, interval: 20 }).toBe(401);
    expect([410, 503]).toContain(await write(token));
    const [id, begunAt] = [newId('frz'), await databaseNow(house.web)];
    await house.web.freeze.create({ data: { id, humanId: house.ada.human.id, reason: 'Odd.', begunAt } });
    await expect.poll(() => read(), { timeout: 1_500, interval: 20 }).toBe(403);
  });
});
