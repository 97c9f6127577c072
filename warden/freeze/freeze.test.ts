import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { databaseNow } from '#lib/db';
import {
  addTarget,
  approve,
  change,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from '#testing/warden';
import { frozen } from './index';

let house: House;
let agent: TestAgent;
let targetId: string;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  targetId = await addTarget(house, serviceConfig(serviceToken()));
});
afterAll(() => house.close());

const ready = async () =>
  approve(house, await file(house, agent, targetId, { resources: ['deploy/api'], verbs: ['start'] }));
const collected = async (grantId: string) => (await collect(house, grantId, { token: agent.token })).status;

/** As the web server writes it, and no more than it may write. */
async function freeze(): Promise<`frz_${string}`> {
  const id = newId('frz');
  const begunAt = await databaseNow(house.web);
  await house.web.freeze.create({ data: { id, humanId: house.ada.human.id, reason: 'Something is odd.', begunAt } });
  return id;
}

const thaw = (id: `frz_${string}`) =>
  change(house, {
    kind: 'freeze.thaw',
    freezeId: id,
    frozenBy: { id: house.ada.human.id, name: house.ada.human.name },
    frozenAt: new Date(0).toISOString(),
    reason: 'Something is odd.',
  });

describe('A freeze (P9)', () => {
  test('stops minting at once, and an owner’s key alone starts it again', async () => {
    const grantId = await ready();
    const id = await freeze();
    expect(await collected(grantId)).toBe(403);

    // A thief of the database, and the warden's own role, say it is over. Nobody signed that.
    await house.owner.freeze.updateMany({ where: { id }, data: { thawedAt: new Date() } });
    expect(await collected(grantId)).toBe(403);

    await thaw(id);
    expect(await collected(grantId)).toBe(200);
  });

  test('cannot be undone, or begun twice, by the web server', async () => {
    const id = await freeze();
    await expect(house.web.freeze.updateMany({ where: { id }, data: { thawedAt: new Date() } })).rejects.toThrow();
    await expect(house.web.freeze.deleteMany({ where: { id } })).rejects.toThrow();
    await expect(freeze()).rejects.toThrow();
    expect(await frozen(house.warden.db, await house.warden.authority.current(house.warden.db))).toBe(true);
    await thaw(id);
    await expect(thaw(id)).rejects.toThrow('over already');
    // One that the console would not show, and the warden would obey.
    const [begunAt, humanId] = [new Date(), house.ada.human.id];
    const hidden = { id: newId('frz'), humanId, reason: 'Hidden.', begunAt, thawedAt: begunAt };
    await expect(house.web.freeze.create({ data: hidden })).rejects.toThrow();
  });
});
