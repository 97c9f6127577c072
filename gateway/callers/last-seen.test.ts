import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseNow } from '#lib/db';
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

/* The gateway's role writes no agent: when one was last seen is copied by the warden from what the gateway recorded. */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let targetId: string;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', []]]);
  targetId = await addUpstream(house, httpConfig(provider.url, { opens: ['GET /v1/things'] }), provider.secret);
});
afterAll(async () => {
  await provider.close();
  await house.close();
});

const lastSeen = async ({ id }: TestAgent): Promise<number | undefined> =>
  (await house.owner.agent.findUniqueOrThrow({ where: { id } })).lastSeenAt?.getTime();

/** An agent that may read, last seen so many seconds ago. */
async function seenAgo(seconds: number | null): Promise<TestAgent> {
  const agent = await newAgent(house);
  await allowRest(house, agent, targetId);
  const now = await databaseNow(house.owner);
  const lastSeenAt = seconds === null ? null : new Date(now.getTime() - seconds * 1_000);
  await house.owner.agent.update({ where: { id: agent.id }, data: { lastSeenAt } });
  return agent;
}

const read = async ({ token }: TestAgent): Promise<number> =>
  (await call(house, '/t/internal-api/v1/things', { method: 'GET', token })).status;

test('An agent that reads is seen within seconds, and once a minute', async () => {
  const [never, justNow, longAgo, silent] = [
    await seenAgo(null),
    await seenAgo(20),
    await seenAgo(120),
    await seenAgo(null),
  ];
  const [before, kept] = [(await databaseNow(house.owner)).getTime(), await lastSeen(justNow)];
  // What is read first is recorded first: the copy that shows the last read has met the others.
  for (const agent of [justNow, never, longAgo]) await expect.poll(() => read(agent), { timeout: 10_000 }).toBe(200);
  for (const agent of [never, longAgo])
    await expect.poll(() => lastSeen(agent), { timeout: 5_000 }).toBeGreaterThanOrEqual(before);
  expect([await lastSeen(justNow), await lastSeen(silent)]).toEqual([kept, undefined]);
});

test('So is one that uses a grant', async () => {
  const agent = await newAgent(house);
  const requestId = await file(house, agent, targetId, { resources: ['path/v1/things/7'], verbs: ['put'] });
  const { body } = await collect(house, await approve(house, requestId), { token: agent.collect });
  const { accessToken: token } = body.credential;
  await house.owner.agent.update({ where: { id: agent.id }, data: { lastSeenAt: null } });
  await house.fresh();
  const before = (await databaseNow(house.owner)).getTime();
  const { status } = await call(house, '/t/internal-api/v1/things/7', { method: 'PUT', token, body: '1' });
  expect(status).toBe(200);
  await expect.poll(() => lastSeen(agent), { timeout: 5_000 }).toBeGreaterThanOrEqual(before);
});
