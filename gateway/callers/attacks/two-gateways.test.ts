import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { withClient } from '#scripts/postgres';
import type { TestCopy } from '#testing/gateway';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  allowRest,
  approve,
  call,
  change,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  rotate,
  type TestAgent,
} from '#testing/warden';

/* Two copies of the gateway on one database: what one is told, the other knows within a second. */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let targetId: string;
let other: TestCopy;
let agent: TestAgent;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', []]]);
  targetId = await addUpstream(house, httpConfig(provider.url, { opens: ['GET /v1/things'] }), provider.secret);
  other = await house.anotherCopy();
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  agent = await newAgent(house);
  await allowRest(house, agent, targetId);
  await house.fresh();
});

const path = '/t/internal-api/v1/things';
const knownAt = ({ callers }: TestCopy, token: string) =>
  callers.authenticate({
    method: 'GET',
    url: house.origins.gateway + path,
    authorization: `Bearer ${token}`,
    dpop: undefined,
  });
const knows = (token: string) => knownAt(other, token);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'passed',
    ({ code }) => String(code),
  );
const read = async (token = agent.token): Promise<number> => (await call(house, path, { method: 'GET', token })).status;

async function granted({ maxUses = 5 } = {}): Promise<{ grantId: string; token: string }> {
  const asked = await file(house, agent, targetId, { resources: ['path/v1/things/7'], verbs: ['put'], maxUses });
  const grantId = await approve(house, asked);
  const { body } = await collect(house, grantId, { token: agent.collect });
  return { grantId, token: body.credential.accessToken };
}

async function holder(token: string, copy = other) {
  const caller = await knownAt(copy, token);
  if (caller.kind !== 'grant') throw new Error('not a grant');
  return caller;
}

const copies = (): readonly TestCopy[] => [house.copy, other];
const revoke = (grantId: string) =>
  transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));

/** A second, and one more for a machine that is busy with other tests. */
const SOON = { timeout: 2_000, interval: 20 };

describe('What is taken away stops the next call within a second, at every copy (P6)', () => {
  test('a grant, for reads and writes with it', async () => {
    const { grantId, token } = await granted();
    const caller = await holder(token);
    expect([await read(token), await codeOf(other.callers.mustLive(caller))]).toEqual([200, 'passed']);
    await revoke(grantId);
    await expect.poll(() => codeOf(other.callers.mustLive(caller)), SOON).toBe('gone');
    await expect.poll(() => codeOf(other.callers.use(caller, { acts: [], operation: {} })), SOON).toBe('gone');
    await expect.poll(() => read(token), SOON).toBe(410);
  });

  test('a grant, at both within a second for most of ten, and within two for each', async () => {
    const took: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const { grantId, token } = await granted();
      const holders = await Promise.all(copies().map(async (copy) => ({ copy, caller: await holder(token, copy) })));
      await revoke(grantId);
      const revokedAt = performance.now();
      const gone = holders.map(({ copy, caller }) =>
        expect.poll(() => codeOf(copy.callers.mustLive(caller)), SOON).toBe('gone'),
      );
      await Promise.all(gone);
      took.push(performance.now() - revokedAt);
    }
    expect(took.filter((milliseconds) => milliseconds < 1_000).length).toBeGreaterThan(5);
  }, 60_000);

  test('an agent’s token, once it was changed', async () => {
    expect([await read(), await codeOf(knows(agent.token))]).toEqual([200, 'passed']);
    await rotate(house, agent);
    await expect.poll(() => codeOf(knows(agent.token)), SOON).toBe('unauthenticated');
    await expect.poll(() => read(), SOON).toBe(401);
  });

  test('a right to read at rest', async () => {
    expect(await read()).toBe(200);
    const target = { id: targetId as `tgt_${string}`, name: 'internal-api' };
    await change(house, { kind: 'rest.stop', agent: { id: agent.id, name: 'bot' }, target });
    const rests = () => [...(other.gateway.head.state()?.rests.keys() ?? [])].filter((key) => key.includes(agent.id));
    await expect.poll(rests, SOON).toEqual([]);
    await expect.poll(() => read(), SOON).toBe(403);
  });

  test('everything, by a freeze', async () => {
    expect(await read()).toBe(200);
    const [id, begunAt] = [newId('frz'), await databaseNow(house.web)];
    const { human } = house.ada;
    await house.web.freeze.create({ data: { id, humanId: human.id, reason: 'Something is odd.', begunAt } });
    const refuses = ({ gateway }: TestCopy) => codeOf(Promise.resolve().then(gateway.head.refuseFrozen));
    await Promise.all(copies().map((copy) => expect.poll(() => refuses(copy), SOON).toBe('not_allowed')));
    await expect.poll(() => read(), SOON).toBe(403);
    const [frozenBy, frozenAt] = [{ id: human.id, name: human.name }, begunAt.toISOString()];
    await change(house, { kind: 'freeze.thaw', freezeId: id, frozenBy, frozenAt, reason: 'Something is odd.' });
    await expect.poll(() => read()).toBe(200);
    await expect.poll(() => refuses(other)).toBe('passed');
  });

  test('an agent that was switched off', async () => {
    expect([await read(), await codeOf(knows(agent.token))]).toEqual([200, 'passed']);
    await house.owner.agent.update({ where: { id: agent.id }, data: { state: 'disabled' } });
    await expect.poll(() => codeOf(knows(agent.token)), SOON).toBe('unauthenticated');
    await expect.poll(() => read(), SOON).toBe(401);
  });
});

test('A grant is used no more often than its token says, whatever its row is made to say (P3)', async () => {
  const { grantId, token } = await granted({ maxUses: 1 });
  const caller = await holder(token);
  const use = () => codeOf(other.callers.use(caller, { acts: [], operation: {} }));
  expect([await use(), await use()]).toEqual(['passed', 'gone']);
  // The tables' owner, with every trigger out of the way.
  await withClient(house.database.adminUrl, async (client) => {
    await client.query('SET session_replication_role = replica');
    await client.query('DELETE FROM grant_uses WHERE grant_id = $1', [grantId]);
    await client.query("UPDATE grants SET state = 'active', uses = 0, ending_at = NULL WHERE id = $1", [grantId]);
  });
  expect(await use()).toBe('gone');
});

test('A grant is good at the target it was approved for, whatever its row is made to say (P3)', async () => {
  const name = 'moved-to';
  const elsewhere = await addUpstream(house, httpConfig(provider.url, { name }), provider.secret);
  const { grantId, token } = await granted();
  await withClient(house.database.adminUrl, async (client) => {
    await client.query('SET session_replication_role = replica');
    await client.query('UPDATE grants SET target_id = $2 WHERE id = $1', [grantId, elsewhere]);
  });
  expect(await codeOf(knows(token))).toBe('gone');
});

test('A target that was switched off stops the next call', async () => {
  const name = 'other-api';
  const config = httpConfig(provider.url, { name, opens: ['GET /v1/things'] });
  const otherId = await addUpstream(house, config, provider.secret);
  await allowRest(house, agent, otherId);
  const readOther = async () =>
    (await call(house, `/t/${name}/v1/things`, { method: 'GET', token: agent.token })).status;
  expect(await readOther()).toBe(200);
  await change(house, { kind: 'target.disable', targetId: otherId as `tgt_${string}`, name, environment: 'staging' });
  await expect.poll(readOther, SOON).toBe(404);
  await expect.poll(() => other.gateway.head.state()?.targets.get(otherId)?.active, SOON).toBe(false);
});

test('A read by one who read before asks the database nothing', async () => {
  await knows(agent.token);
  const { hot } = other.gateway;
  const asked: string[] = [];
  const { rows } = hot;
  Object.assign(hot, {
    rows: (statement: { name: string }, values: unknown[]) => {
      asked.push(statement.name);
      return rows(statement as never, values);
    },
  });
  for (let i = 0; i < 50; i += 1) {
    await knows(agent.token);
    other.callers.signed({ seconds: 60 });
  }
  Object.assign(hot, { rows });
  // What goes round by the clock is no part of any call.
  expect(asked.filter((name) => name.startsWith('directory') || name.startsWith('callers'))).toEqual([]);
});

test.each([1, 10, 31])(
  'Of 32 uses at once at two copies exactly %i pass, where so many were signed for',
  async (maxUses) => {
    const { grantId, token } = await granted({ maxUses });
    const at = await Promise.all(
      [house.copy, other].map(async (copy) => ({ copy, caller: await holder(token, copy) })),
    );
    const uses = at.flatMap(({ copy, caller }) =>
      Array.from({ length: 16 }, () => codeOf(copy.callers.use(caller, { acts: [], operation: {} }))),
    );
    const codes = await Promise.all(uses);
    expect(codes.filter((code) => code === 'passed')).toHaveLength(maxUses);
    expect(codes.filter((code) => code !== 'passed' && code !== 'gone')).toEqual([]);
    const rows = await house.owner.grantUse.findMany({ where: { grantId }, orderBy: { n: 'asc' } });
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: maxUses }, (_, index) => index + 1));
    expect(await house.owner.auditEvent.count({ where: { grantId, kind: 'grant.used' } })).toBe(maxUses);
  },
);
