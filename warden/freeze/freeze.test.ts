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
import { startEnding } from '../ending';
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
const collected = async (grantId: string) => (await collect(house, grantId, { token: agent.collect })).status;

/** As the web server writes it, and no more than it may write. */
async function freeze(): Promise<`frz_${string}`> {
  const id = newId('frz');
  const begunAt = await databaseNow(house.web);
  await house.web.freeze.create({ data: { id, humanId: house.ada.human.id, reason: 'Something is odd.', begunAt } });
  return id;
}

const isFrozen = async () => frozen(house.warden, await house.warden.authority.current(house.warden.db));

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
    // It was approved before anybody knew what the freeze was about: it is to be approved again.
    expect(await collected(grantId)).toBe(410);
    expect(await house.owner.grant.findUnique({ where: { id: grantId } })).toMatchObject({ endReason: 'voided' });
    expect(JSON.stringify(house.recorded.alarms.list())).not.toContain(grantId);
    expect(await collected(await ready())).toBe(200);
  });

  test('makes nothing of an approval that was made meanwhile, at whatever door', async () => {
    const id = await freeze();
    const grantId = await ready();
    await thaw(id);
    expect(await collected(grantId)).toBe(410);
  });

  test('ends whatever lives, also what web did not see when it froze', async () => {
    const grants = await Promise.all(Array.from({ length: 6 }, ready));
    for (const grantId of grants.slice(0, 3)) expect(await collected(grantId)).toBe(200);
    const ending = startEnding(house.warden);
    const id = await freeze();
    for (const grantId of grants)
      await expect
        .poll(() => house.owner.grant.findUnique({ where: { id: grantId } }), { timeout: 20_000 })
        .toMatchObject({ state: 'ended', endReason: 'revoked', endedBy: 'warden' });
    await ending.stop();
    await thaw(id);
  });

  test('that comes while something is minted ends it, and nobody gets it', async () => {
    const grants = await Promise.all(Array.from({ length: 6 }, ready));
    const ending = startEnding(house.warden);
    const racing = Promise.all(grants.map(collected));
    const id = await freeze();
    await racing;
    for (const grantId of grants)
      await expect
        .poll(() => house.owner.grant.findUnique({ where: { id: grantId } }), { timeout: 20_000 })
        .toMatchObject({ state: 'ended' });
    await ending.stop();
    await thaw(id);
  });

  test('cannot be undone, or begun twice, by the web server', async () => {
    const id = await freeze();
    await expect(house.web.freeze.updateMany({ where: { id }, data: { thawedAt: new Date() } })).rejects.toThrow();
    await expect(house.web.freeze.deleteMany({ where: { id } })).rejects.toThrow();
    await expect(freeze()).rejects.toThrow();
    expect(await isFrozen()).toBe(true);
    await thaw(id);
    await expect(thaw(id)).rejects.toThrow('over already');
    // One that the console would not show, and the warden would obey.
    const [begunAt, humanId] = [new Date(), house.ada.human.id];
    const hidden = { id: newId('frz'), humanId, reason: 'Hidden.', begunAt, thawedAt: begunAt };
    await expect(house.web.freeze.create({ data: hidden })).rejects.toThrow();
  });

  test.each([
    ['without a name that could be signed', { id: 'frz_Nobody' }],
    ['by somebody who is no person', { humanId: 'somebody' }],
    ['in the warden’s own name', { humanId: 'warden' }],
    ['with a reason that fills a page for ever', { reason: 'x'.repeat(4_001) }],
  ])('that nobody could end is begun by no web server: %s', async (_, odd) => {
    const row = { id: newId('frz'), humanId: house.ada.human.id, reason: 'Odd.', begunAt: new Date() };
    await expect(house.web.freeze.create({ data: { ...row, ...odd } })).rejects.toThrow();
  });

  test('outlives its row: a thief of the database ends nothing by deleting it', async () => {
    const grantId = await ready();
    const id = await freeze();
    expect(await collected(grantId)).toBe(403);
    await house.owner.freeze.deleteMany();
    expect(await collected(grantId)).toBe(403);
    // It is put back, for people to see, and for an owner to end.
    const row = () => house.owner.freeze.findUnique({ where: { id } });
    await expect.poll(row, { timeout: 5_000 }).toMatchObject({ reason: 'Something is odd.', thawedAt: null });
    expect(JSON.stringify(house.recorded.alarms.list())).toContain(id);
    // So is one that its row calls over, and none after a restart is forgotten.
    await house.owner.freeze.updateMany({ where: { id }, data: { thawedAt: new Date() } });
    await expect.poll(row, { timeout: 5_000 }).toMatchObject({ thawedAt: null });
    await house.publisher.pause();
    await house.owner.freeze.deleteMany();
    const again = house.restarted();
    expect(await frozen(again, await again.authority.current(again.db))).toBe(true);
    house.publisher.resume();
    await expect.poll(row, { timeout: 5_000 }).not.toBeNull();
    await thaw(id);
    expect(await collected(grantId)).toBe(410);
    expect(await collected(await ready())).toBe(200);
    await house.owner.freeze.deleteMany();
    expect(await isFrozen()).toBe(false);
  });

  test('is over once a key has ended it, whoever writes what at that moment, and the next one can begin', async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      const id = await freeze();
      await expect.poll(isFrozen).toBe(true);
      if (turn % 2 === 0) await house.owner.freeze.updateMany({ where: { id }, data: { thawedAt: new Date() } });
      await thaw(id);
      expect(await house.owner.freeze.findUnique({ where: { id } })).toMatchObject({ thawedAt: expect.any(Date) });
    }
    // A thief who opens the row of one that is over would keep everybody from freezing again.
    const { id } = await house.owner.freeze.findFirstOrThrow();
    await house.owner.freeze.update({ where: { id }, data: { thawedAt: null } });
    const open = () => house.owner.freeze.count({ where: { thawedAt: null } });
    await expect.poll(open).toBe(0);
    expect(await isFrozen()).toBe(false);
  });

  test('stands once, however many rows a thief of the database adds, and heads go on', async () => {
    const before = house.warden.vault.seenFreezes.list().length;
    const ids = Array.from({ length: 300 }, () => newId('frz')).sort();
    // Of all of them one is open, and none of those that are read first.
    const thawedAt = (id: string): Date | null => (id === ids.at(-1) ? null : new Date());
    const row = { humanId: house.ada.human.id, reason: 'Many.', begunAt: new Date() };
    await house.owner.freeze.createMany({ data: ids.map((id) => ({ ...row, id, thawedAt: thawedAt(id) })) });
    await expect.poll(() => house.gateway.head.state()?.frozen).toBe(true);
    const seq = house.gateway.head.state()?.seq ?? 0;
    await expect.poll(() => house.gateway.head.state()?.seq).toBeGreaterThan(seq);
    expect(await isFrozen()).toBe(true);
    expect(house.warden.vault.seenFreezes.list().length).toBeLessThanOrEqual(before + 100);
  });
});
