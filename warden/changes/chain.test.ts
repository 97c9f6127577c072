import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import type { ChainEntry } from '#lib/db';
import { signer } from '#testing/people';
import {
  addTarget,
  admit,
  allowRest,
  change,
  databaseConfig,
  type House,
  newAgent,
  openHouse,
  sampleCompany,
  serviceConfig,
  serviceToken,
} from '#testing/warden';
import { checkProjection } from './index';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.close());

const current = () => house.warden.authority.current(house.warden.db);
const restarted = () => house.restarted().authority.current(house.warden.db);
const stopped = { code: 'minting_stopped' };

/** What somebody with the tables' owner's rights does to the chain, its triggers out of the way. */
async function tamper(sql: string): Promise<void> {
  await house.owner.$executeRawUnsafe('ALTER TABLE chain DISABLE TRIGGER ALL');
  await house.owner.$executeRawUnsafe(sql);
}

const config = (name: string) => serviceConfig(serviceToken(), { name });

test('Secrets of targets from before the warden kept them are kept as they were signed for, and no others', async () => {
  const { password, ...place } = await sampleCompany();
  const mine = await addTarget(house, databaseConfig(place), password);
  const swapped = await addTarget(house, databaseConfig(place, { name: 'another' }), password);
  const sealed = house.warden.vault.seal(swapped, 'stolen');
  await house.owner.sealed.update({ where: { ownerId: swapped }, data: { sealed } });
  await checkProjection(house.warden);
  const { targets } = await current();
  const kept = (id: string): boolean => house.warden.vault.ciphertexts.has(targets.get(id)?.secretDigest ?? '');
  expect([kept(mine), kept(swapped)]).toEqual([true, false]);
});

describe('a chain somebody wrote to mints nothing (T3, T13)', () => {
  let entries: ChainEntry[];
  beforeEach(async () => {
    await addTarget(house, config('first'));
    await addTarget(house, config('second'));
    await current();
    entries = await house.owner.chainEntry.findMany({ orderBy: { seq: 'asc' } });
  });

  test('a statement changed afterwards', async () => {
    await tamper(`UPDATE chain SET statement = replace(statement, '"first"', '"other"') WHERE seq = 2`);
    await expect(restarted()).rejects.toMatchObject(stopped);
  });

  test('a forged entry at the end, also for a warden that is running', async () => {
    const [, , last] = entries;
    await tamper(
      `INSERT INTO chain (seq, hash, kind, statement, assertion) SELECT 4, 'forged', kind, statement, assertion FROM chain WHERE seq = 3`,
    );
    expect(last?.seq).toBe(3);
    await expect(current()).rejects.toMatchObject(stopped);
    await expect(restarted()).rejects.toMatchObject(stopped);
  });

  test('two entries in another order', async () => {
    await tamper('UPDATE chain SET seq = CASE seq WHEN 2 THEN 13 ELSE 12 END WHERE seq > 1');
    await tamper('UPDATE chain SET seq = seq - 10 WHERE seq > 10');
    await expect(restarted()).rejects.toMatchObject(stopped);
  });

  test('an entry taken out of the middle', async () => {
    await tamper('DELETE FROM chain WHERE seq = 2');
    await expect(restarted()).rejects.toMatchObject(stopped);
  });

  test('the last entry taken away: an older database (T75)', async () => {
    await tamper('DELETE FROM chain WHERE seq = 3');
    await expect(current()).rejects.toMatchObject(stopped);
    await expect(restarted()).rejects.toMatchObject(stopped);
  });

  test('another first entry', async () => {
    await tamper(`UPDATE chain SET statement = replace(statement, 'Ada', 'Eve') WHERE seq = 1`);
    await expect(restarted()).rejects.toMatchObject(stopped);
  });

  test('an old entry changed under a warden that has read it raises the alarm', async () => {
    await checkProjection(house.warden);
    expect(house.warden.alarms.list()).toEqual([]);
    await tamper(`UPDATE chain SET hash = 'x' WHERE seq = 2`);
    await checkProjection(house.warden);
    expect(house.warden.alarms.list()).toMatchObject([
      { code: 'chain_broken', text: expect.stringContaining('entry 2') },
    ]);
  });

  test('neither process can write it, and the tables’ owner only by taking the trigger away', async () => {
    await expect(
      house.web.chainEntry.create({ data: { seq: 4, hash: 'h', kind: 'k', statement: 's' } }),
    ).rejects.toThrow();
    await expect(house.owner.chainEntry.updateMany({ data: { kind: 'x' } })).rejects.toThrow('written once');
    await expect(house.owner.chainEntry.deleteMany()).rejects.toThrow('written once');
  });
});

describe('rows that say what nobody signed count for nothing and raise an alarm', () => {
  const alarm = async () => {
    await checkProjection(house.warden);
    return house.warden.alarms.list().find(({ code }) => code === 'projection_differs')?.text ?? null;
  };

  test('a key row inserted', async () => {
    const eve = await signer('Eve');
    await house.owner.key.create({
      data: { ...eve.key, humanId: house.ada.human.id, transports: [], state: 'active' },
    });
    expect(await alarm()).toContain(`The key ${eve.key.id} was never signed for.`);
    expect((await current()).keys.has(eve.key.id)).toBe(false);
  });

  test('a role raised', async () => {
    const bob = await signer('Bob', 'reviewer');
    await admit(house, bob);
    expect(await alarm()).toBeNull();
    await house.owner.human.update({ where: { id: bob.human.id }, data: { role: 'owner' } });
    expect(await alarm()).toContain(`The person ${bob.human.id} has another role than was signed.`);
    expect((await current()).humans.get(bob.human.id)?.role).toBe('reviewer');
    await house.owner.human.update({ where: { id: bob.human.id }, data: { role: 'reviewer' } });
    expect(await alarm()).toBeNull();
  });

  test('a public key swapped, a disabled person revived, a target moved, a right to rest invented', async () => {
    const bob = await signer('Bob', 'approver');
    await admit(house, bob);
    await change(house, { kind: 'human.disable', human: bob.human } as Parameters<typeof change>[1]);
    const target = await addTarget(house, config('deploys'), 'secret');
    const agent = await newAgent(house);
    expect(await alarm()).toBeNull();
    await house.owner.human.update({ where: { id: bob.human.id }, data: { state: 'active' } });
    expect(await alarm()).toContain('another state');
    await house.owner.human.update({ where: { id: bob.human.id }, data: { state: 'disabled' } });
    await house.owner.key.update({ where: { id: bob.key.id }, data: { publicKey: 'stolen' } });
    expect(await alarm()).toContain('another public key');
    await house.owner.key.update({ where: { id: bob.key.id }, data: { publicKey: bob.key.publicKey } });
    await house.owner.target.update({ where: { id: target }, data: { environment: 'staging2' } });
    expect(await alarm()).toContain('another environment');
    await house.owner.target.update({ where: { id: target }, data: { environment: 'staging' } });
    await house.owner.restAllowance.create({
      data: { agentId: agent.id, targetId: target, ttlSeconds: 60, chainHash: 'x' },
    });
    expect(await alarm()).toContain('resting access');
    await house.owner.restAllowance.deleteMany();
    await house.owner.sealed.update({ where: { ownerId: target }, data: { sealed: 'another' } });
    expect(await alarm()).toContain('secret');
  });

  test('a person who waits to be confirmed is no difference', async () => {
    await house.owner.human.create({
      data: { id: newId('hum'), name: 'New', email: 'new@example.com', role: 'owner', state: 'waiting' },
    });
    expect(await alarm()).toBeNull();
  });
});

describe('a signed change', () => {
  test('that follows an entry no longer the last has to be reviewed again', async () => {
    const authority = await current();
    await addTarget(house, config('first'));
    const old = {
      warden: { ...house.warden, authority: { ...house.warden.authority, current: async () => authority } },
      ada: house.ada,
    };
    await expect(
      change(old, { kind: 'target.disable', targetId: newId('tgt'), name: 'x', environment: 'y' } as Parameters<
        typeof change
      >[1]),
    ).rejects.toMatchObject({ code: expect.stringMatching(/draft_stale|not_allowed/) });
    expect(await house.owner.chainEntry.count()).toBe(2);
  });

  test('and another at once: one stands, the chain holds', async () => {
    const tries = await Promise.allSettled(['a1', 'b1', 'c1', 'd1'].map((name) => addTarget(house, config(name))));
    expect(tries.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    for (const each of tries)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'draft_stale' });
    expect((await restarted()).targets.size).toBe(tries.filter(({ status }) => status === 'fulfilled').length);
  });

  test('to a role is in force at once', async () => {
    const bob = await signer('Bob', 'approver');
    await admit(house, bob);
    await change(house, {
      kind: 'human.role',
      human: { ...bob.human, role: 'owner' },
      roleBefore: 'approver',
    } as Parameters<typeof change>[1]);
    expect((await current()).humans.get(bob.human.id)?.role).toBe('owner');
    expect((await house.owner.human.findUniqueOrThrow({ where: { id: bob.human.id } })).role).toBe('owner');
  });

  test('cannot remove the last owner, nor the last owner’s last key', async () => {
    const { human, key } = house.ada;
    const refused = { code: 'not_allowed' };
    await expect(change(house, { kind: 'human.disable', human } as Parameters<typeof change>[1])).rejects.toMatchObject(
      refused,
    );
    await expect(
      change(house, { kind: 'human.role', human: { ...human, role: 'reviewer' }, roleBefore: 'owner' } as Parameters<
        typeof change
      >[1]),
    ).rejects.toMatchObject(refused);
    await expect(
      change(house, { kind: 'key.disable', human, disabled: { id: key.id, label: key.label } } as Parameters<
        typeof change
      >[1]),
    ).rejects.toMatchObject(refused);
    expect(await house.owner.chainEntry.count()).toBe(1);
  });

  test('that disables a target ends what is live there, and gives its name to a successor', async () => {
    const target = await addTarget(house, config('deploys'), 'secret');
    const agent = await newAgent(house);
    const id = newId('grn');
    const now = new Date();
    await house.owner.grant.create({
      data: {
        id,
        kind: 'resting',
        agentId: agent.id,
        targetId: target,
        resources: [],
        verbs: [],
        ttlSeconds: 60,
        state: 'active',
        readyAt: now,
        collectBy: now,
      },
    });
    await change(house, {
      kind: 'target.disable',
      targetId: target,
      name: 'deploys',
      environment: 'staging',
    } as Parameters<typeof change>[1]);
    expect(await house.owner.grant.findUnique({ where: { id } })).toMatchObject({
      state: 'ending',
      endReason: 'revoked',
      endedBy: house.ada.human.id,
    });
    expect(await house.owner.sealed.count({ where: { ownerId: target } })).toBe(1);
    const successor = await addTarget(house, config('deploys'));
    expect((await house.owner.target.findUniqueOrThrow({ where: { name: 'deploys' } })).id).toBe(successor);
    await checkProjection(house.warden);
    expect(house.warden.alarms.list()).toEqual([]);
  });

  test('that stops resting access takes the row away and ends what rests there', async () => {
    const target = await addTarget(
      house,
      databaseConfig({ host: 'localhost', port: 5432, database: 'a', user: 'b' }),
      'secret',
    );
    const agent = await newAgent(house);
    await allowRest(house, agent, target);
    expect(await house.owner.restAllowance.count()).toBe(1);
    const name = (await house.owner.agent.findUniqueOrThrow({ where: { id: agent.id } })).name;
    await change(house, {
      kind: 'rest.stop',
      agent: { id: agent.id, name },
      target: { id: target, name: 'bookings' },
    } as Parameters<typeof change>[1]);
    expect(await house.owner.restAllowance.count()).toBe(0);
    expect((await current()).rests.size).toBe(0);
  });
});
