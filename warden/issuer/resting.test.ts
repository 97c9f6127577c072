import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { databaseNow } from '#lib/db';
import {
  addTarget,
  allowRest,
  callWarden as call,
  change,
  databaseConfig,
  factsOfAgent,
  type House,
  newAgent,
  openHouse,
  rotate,
  sampleCompany,
  session,
  type TestAgent,
} from '#testing/warden';
import type { Target } from '#warden/targets';
import { collectRest } from './resting';

let house: House;
let targetId: string;

beforeAll(async () => {
  house = await openHouse();
  const { password, ...place } = await sampleCompany();
  targetId = await addTarget(house, databaseConfig(place), password);
});
afterAll(() => house.close());

const rest = (token: string, name = 'bookings') => call(house, `/v1/targets/${name}/rest`, { token });

const stopRest = (agentId: string) =>
  change(house, {
    kind: 'rest.stop',
    agent: { id: agentId as `agt_${string}`, name: 'bot' },
    target: { id: targetId as `tgt_${string}`, name: 'bookings' },
  });

test('An agent reads at rest what an owner’s key listed, and cannot write by privilege (T42)', async () => {
  const agent = await newAgent(house);
  await allowRest(house, agent, targetId);
  const { status, body } = await rest(agent.collect);
  expect(status).toBe(200);
  const client = await session(body.credential);
  expect((await client.query('SELECT id FROM bookings LIMIT 1')).rowCount).toBe(1);
  await client.query('SET default_transaction_read_only = off');
  for (const sql of ['UPDATE bookings SET note = note', 'SELECT * FROM payments', 'CREATE TEMP TABLE t ()']) {
    await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
  }
  await client.end();
  const grant = await house.owner.grant.findUniqueOrThrow({ where: { id: body.grantId } });
  expect(grant).toMatchObject({
    kind: 'resting',
    state: 'active',
    verbs: ['select'],
    resources: ['table/public.bookings'],
    ttlSeconds: 600,
  });
});

test('Nobody rests without a signed right: a row in the table is none (P3)', async () => {
  const agent = await newAgent(house);
  await house.owner.restAllowance.create({ data: { agentId: agent.id, targetId, ttlSeconds: 3_600, chainHash: 'x' } });
  const [mine, absent] = [await rest(agent.collect), await rest(agent.collect, 'no-such-target')];
  expect(mine.status).toBe(404);
  expect(mine.body.detail).toBe(absent.body.detail);
});

test('A right that was stopped is no right; new secrets keep it, and the old ones have none', async () => {
  const [stopped, rotated] = [await newAgent(house), await newAgent(house)];
  await allowRest(house, stopped, targetId);
  await allowRest(house, rotated, targetId);
  await stopRest(stopped.id);
  const { collect } = await rotate(house, rotated);
  expect((await rest(stopped.collect)).status).toBe(404);
  expect((await rest(rotated.collect)).status).toBe(401);
  expect((await rest(collect)).status).toBe(200);
});

test('Of ten calls at once five get a credential, and the others learn when to come back', async () => {
  const agent = await newAgent(house);
  await allowRest(house, agent, targetId);
  const answers = await Promise.all(Array.from({ length: 10 }, () => rest(agent.collect)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  const late = answers.filter(({ status }) => status === 429);
  expect(late).toHaveLength(5);
  for (const { headers } of late) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
});

/** A warden at whose target something happens while it is asked. */
function meanwhile(step: 'ready' | 'mint', what: () => Promise<unknown>): House['warden'] {
  const { targets } = house.warden;
  return {
    ...house.warden,
    targets: {
      ...targets,
      open(config, secret) {
        const target = targets.open(config, secret);
        const act = (...args: never[]) =>
          what().then(() => (target[step] as (...all: never[]) => Promise<never>)(...args));
        return { ...target, [step]: act } as Target;
      },
    },
  };
}

test.each(['ready', 'mint'] as const)(
  'Nobody gets what was stopped while the target was slow: rotated, disabled, its right taken away, frozen, in %s (P9)',
  async (step) => {
    const begunAt = await databaseNow(house.web);
    const freeze = { id: newId('frz'), humanId: house.ada.human.id, reason: 'Odd.', begunAt };
    const stops: ((agent: TestAgent) => Promise<unknown>)[] = [
      (agent) => rotate(house, agent),
      ({ id }) => house.web.agent.update({ where: { id }, data: { state: 'disabled' } }),
      ({ id }) => stopRest(id),
      () => house.web.freeze.create({ data: freeze }),
    ];
    for (const stop of stops) {
      const agent = await newAgent(house);
      await allowRest(house, agent, targetId);
      await expect(
        collectRest(
          meanwhile(step, () => stop(agent)),
          factsOfAgent(agent),
          'bookings',
        ),
      ).rejects.toMatchObject({ code: 'not_allowed' });
      expect(await house.owner.grant.count({ where: { agentId: agent.id, state: 'active' } })).toBe(0);
    }
    await house.owner.freeze.deleteMany({});
  },
);

test.each(['ready', 'mint'] as const)('Nor at a target that was disabled meanwhile, in %s (P9)', async (step) => {
  const { password, ...place } = await sampleCompany();
  const name = `old-${step}`;
  const old = await addTarget(house, { ...databaseConfig(place), name }, password);
  const agent = await newAgent(house);
  await allowRest(house, agent, old);
  const disable = () =>
    change(house, { kind: 'target.disable', targetId: old as `tgt_${string}`, name, environment: 'staging' });
  await expect(collectRest(meanwhile(step, disable), factsOfAgent(agent), name)).rejects.toMatchObject({
    code: 'not_allowed',
  });
  expect(await house.owner.grant.count({ where: { agentId: agent.id, state: 'active' } })).toBe(0);
});
