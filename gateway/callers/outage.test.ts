import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  allowRest,
  answersAbove,
  answersUpTo,
  approve,
  call,
  callUntilOlder,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  type TestAgent,
} from '#testing/warden';

/*
 * The database goes away in each of the ways it can: refused, dark, or alive
 * with one table that never answers.
 */

const ABOVE_REST_SECONDS = 2;
const OUTAGE_SECONDS = 3;

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let agent: TestAgent;
let grantToken: string;

beforeEach(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', [{ id: 1 }]]]);
  agent = await newAgent(house);
  const config = httpConfig(provider.url, { opens: ['GET /v1/things'], outageSeconds: OUTAGE_SECONDS });
  const targetId = await addUpstream(house, config, provider.secret);
  await allowRest(house, agent, targetId);
  grantToken = await writeToken(targetId);
  await expect.poll(async () => [await read(), await write()], { timeout: 10_000 }).toEqual([200, 200]);
});
afterEach(async () => {
  await provider.close();
  await house.close();
});

async function writeToken(targetId: string): Promise<string> {
  const requestId = await file(house, agent, targetId, { resources: ['path/v1/other'], verbs: ['put'] });
  const { body } = await collect(house, await approve(house, requestId), { token: agent.collect });
  return body.credential.accessToken;
}

const read = async (): Promise<number> =>
  (await call(house, '/t/internal-api/v1/things', { method: 'GET', token: agent.token })).status;
const write = async (): Promise<number> =>
  (await call(house, '/t/internal-api/v1/other', { method: 'PUT', token: grantToken, body: '1' })).status;

const idle = async (): Promise<number> => (await call(house, '/livez', { method: 'GET' })).status;

/** How long it took beyond what an answer takes that asks nobody: a busy machine delays both. */
async function timed(act: () => Promise<number>): Promise<{ status: number; seconds: number }> {
  const took = async (what: () => Promise<number>) => ({ status: await what(), at: performance.now() });
  const [it, other] = await Promise.all([took(act), took(idle)]);
  return { status: it.status, seconds: Math.max(0, it.at - other.at) / 1000 };
}

/** From now on: writes refused within two seconds, reads passed without a wait, then refused as well. */
async function expectOutage(): Promise<void> {
  // Reads go on from what is known to the target's bound, while the first write still waits for the database.
  const [first, reads] = await Promise.all([timed(write), callUntilOlder(house, OUTAGE_SECONDS, read)]);
  expect(first.status).toBe(503);
  expect(first.seconds).toBeLessThan(2.5);
  expect(answersUpTo(reads, OUTAGE_SECONDS)).toEqual([200]);
  expect(answersAbove(reads, OUTAGE_SECONDS)).toEqual([503]);
  await expectQuickRefusals();
}

/** Past every bound nobody waits for a database that does not answer. */
async function expectQuickRefusals(): Promise<void> {
  for (const late of await Promise.all([timed(read), timed(write)])) {
    expect(late.status).toBe(503);
    expect(late.seconds).toBeLessThan(0.5);
  }
}

describe('Without the database what is above rest is refused within 2 s, and rest past the owner’s bound (P4, P7)', () => {
  test('when its connections are cut', async () => {
    await house.wire.cut();
    await expectOutage();
    await house.wire.mend();
    await expect.poll(write, { timeout: 15_000 }).toBe(200);
  });

  test('when the wire goes dark without a word', async () => {
    house.wire.swallow();
    await expectOutage();
    await house.wire.mend();
    await expect.poll(write, { timeout: 15_000 }).toBe(200);
  });

  test('when it answers all but the one question who may decide', async () => {
    await withClient(house.database.adminUrl, async (client) => {
      await client.query('BEGIN; LOCK TABLE chain IN ACCESS EXCLUSIVE MODE');
      const [writes, reads] = await Promise.all([
        callUntilOlder(house, ABOVE_REST_SECONDS, write),
        callUntilOlder(house, OUTAGE_SECONDS, read),
      ]);
      expect(answersAbove(writes, ABOVE_REST_SECONDS)).toEqual([503]);
      expect(answersUpTo(reads, OUTAGE_SECONDS)).toEqual([200]);
      expect(answersAbove(reads, OUTAGE_SECONDS)).toEqual([503]);
      await expectQuickRefusals();
      await client.query('ROLLBACK');
    });
    await expect.poll(write, { timeout: 15_000 }).toBe(200);
  });
});
