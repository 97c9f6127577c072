import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

/*
 * The database goes away in each of the ways it can: refused, dark, or alive
 * with one table that never answers.
 */

const OUTAGE_SECONDS = 5;

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
  expect([await read(), await write()]).toEqual([200, 200]);
});
afterEach(async () => {
  await provider.close();
  await house.close();
});

async function writeToken(targetId: string): Promise<string> {
  const requestId = await file(house, agent, targetId, { resources: ['path/v1/other'], verbs: ['put'] });
  const { body } = await collect(house, await approve(house, requestId), { token: agent.token });
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
  const [begun, ageAtFirst] = [performance.now(), house.gateway.head.ageSeconds()];
  const first = await timed(write);
  expect(first.status).toBe(503);
  expect(first.seconds).toBeLessThan(2.5);
  const resting = await timed(read);
  expect(resting.status).toBe(200);
  expect(resting.seconds).toBeLessThan(0.5);
  await expect.poll(read, { interval: 100 }).toBe(503);
  // The bound is one on the age of what was signed, which had an age when the database went away.
  expect(ageAtFirst + (performance.now() - begun) / 1000).toBeGreaterThanOrEqual(OUTAGE_SECONDS);
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
      await expect.poll(write, { interval: 100 }).toBe(503);
      expect((await timed(write)).seconds).toBeLessThan(0.5);
      expect(await timed(read)).toMatchObject({ status: 200 });
      await expect.poll(read, { interval: 100 }).toBe(503);
      await client.query('ROLLBACK');
    });
    await expect.poll(write, { timeout: 15_000 }).toBe(200);
  });
});
