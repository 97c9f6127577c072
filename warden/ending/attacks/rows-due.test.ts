import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import {
  addTarget,
  allowRest,
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
  rotate,
  sampleCompany,
  session,
  type TestAgent,
  untilGrant,
} from '#testing/warden';
import { startEnding } from '../index';

/*
 * What follows from an entry of the chain is listed in a table, until it is done.
 * The tables' owner may empty it: what is over by the chain ends all the same (P3, T85).
 */

let house: House;
let ending: ReturnType<typeof startEnding>;
let database: string;
let agent: TestAgent;

beforeAll(async () => {
  house = await openHouse();
  const { password, ...place } = await sampleCompany();
  database = await addTarget(house, databaseConfig(place), password);
  await withClient(house.database.adminUrl, (thief) =>
    thief.query(`
      CREATE FUNCTION empty_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM chain_rows_due; RETURN NULL; END $$;
      CREATE TRIGGER empty_it AFTER INSERT ON chain_rows_due FOR EACH ROW EXECUTE FUNCTION empty_it()`),
  );
  ending = startEnding(house.warden);
});
afterAll(async () => {
  await ending.stop();
  await house.close();
});
beforeEach(async () => {
  agent = await newAgent(house);
});

async function live(targetId = database) {
  const grantId = await approve(house, await file(house, agent, targetId));
  const { body } = await collect(house, grantId, { token: agent.collect });
  return { grantId, gone: await goneOf(body.credential) };
}

async function reading() {
  await allowRest(house, agent, database);
  const { body } = await callWarden(house, '/v1/targets/bookings/rest', { token: agent.collect });
  return { grantId: body.grantId as string, gone: await goneOf(body.credential) };
}

/** Boxed, so that awaiting it is left to the test. */
async function goneOf(credential: Parameters<typeof session>[0]): Promise<{ readonly promise: Promise<void> }> {
  const client = await session(credential);
  return { promise: new Promise<void>((resolve) => void client.once('end', () => resolve())) };
}

async function over({ grantId, gone }: Awaited<ReturnType<typeof live>>): Promise<void> {
  await gone.promise;
  await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked', endedBy: 'warden' });
  expect(await isMinted(grantId)).toBe(false);
}

type Change = Parameters<typeof change>[1];

test('A session at a target that was turned off', async () => {
  const { password, ...place } = await sampleCompany();
  const targetId = await addTarget(house, databaseConfig(place, { name: 'leaving' }), password);
  const [left, stays] = [await live(targetId), await live()];
  await change(house, { kind: 'target.disable', targetId, name: 'leaving', environment: 'staging' } as Change);
  await over(left);
  expect((await grantOf(house, stays.grantId)).state).toBe('active');
});

test('A session at rest whose right was taken away, and not what the same agent had approved', async () => {
  const [held, approved] = [await reading(), await live()];
  const target = { id: database, name: 'bookings' };
  await change(house, { kind: 'rest.stop', agent: { id: agent.id, name: 'bot' }, target } as Change);
  await over(held);
  expect((await grantOf(house, approved.grantId)).state).toBe('active');
});

test('Sessions of an agent that was given other secrets, and no other agent’s', async () => {
  const others = await live();
  agent = await newAgent(house);
  const [approved, held] = [await live(), await reading()];
  agent = await rotate(house, agent);
  await Promise.all([over(approved), over(held)]);
  const after = [await live(), await reading()];
  // Some rounds.
  await sleep(2_500);
  for (const { grantId } of [others, ...after]) expect((await grantOf(house, grantId)).state).toBe('active');
});
