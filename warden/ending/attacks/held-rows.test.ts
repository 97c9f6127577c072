import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId, refuse } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { withClient } from '#scripts/postgres';
import { tcpProxy } from '#testing/network';
import { type Signer, signer } from '#testing/people';
import {
  addTarget,
  admit,
  approve,
  callWarden,
  change,
  collect,
  databaseConfig,
  factsOfAgent,
  file,
  grantOf,
  type House,
  holdRows,
  isMinted,
  newAgent,
  openHouse,
  sampleCompany,
  session,
  type TestAgent,
  untilGrant,
} from '#testing/warden';
import { collectGrant } from '../../issuer';
import { startEnding } from '../index';

/*
 * Web's role may lock the rows it may update. Held for as long as it likes, none
 * of them keeps alive what the warden has decided is over (P5, P9, T83, T85).
 */

const SOON = { timeout: 15_000 };

let house: House;
let cleo: Signer;
let agent: TestAgent;
let database: string;
let ending: ReturnType<typeof startEnding>;

beforeAll(async () => {
  house = await openHouse();
  cleo = await signer('Cleo', 'approver');
  await admit(house, cleo);
  const { password, ...place } = await sampleCompany();
  database = await addTarget(house, databaseConfig(place), password);
});
afterAll(() => house.close());
beforeEach(async () => {
  agent = await newAgent(house);
  ending = startEnding(house.warden);
});
afterEach(() => ending.stop());

const ready = async (by = cleo) => approve(house, await file(house, agent, database), { by });

async function live(by = cleo) {
  const grantId = await ready(by);
  const { body } = await collect(house, grantId, { token: agent.collect });
  const client = await session(body.credential);
  const gone = new Promise<void>((resolve) => void client.once('end', () => resolve()));
  return { grantId, gone };
}

/** Taken and let go in the midst of something. */
function holdOf(grantId: string) {
  let end: () => void = () => undefined;
  let held: Promise<unknown> = Promise.resolve();
  return {
    take: () =>
      new Promise<void>((taken, failed) => {
        const over = new Promise<void>((resolve) => (end = resolve));
        held = holdRows(house, [grantId], () => Promise.resolve(taken()).then(() => over));
        held.catch(failed);
      }),
    async letGo() {
      end();
      await held;
    },
  };
}

const giveBack = (named: string) =>
  callWarden(house, '/v1/revoke', { token: agent.token, body: new URLSearchParams({ token: named }) });
const agentOff = ({ id }: TestAgent) => house.web.agent.update({ where: { id }, data: { state: 'disabled' } });
const dead = (grantId: string) => expect.poll(() => isMinted(grantId), SOON).toBe(false);
const alarm = () => house.warden.alarms.list().find(({ code }) => code === 'rows_held')?.text;
const stateOf = async (grantId: string) => (await grantOf(house, grantId)).state;
const asOwner = (sql: string) =>
  withClient(house.database.adminUrl, (client) => client.query(`SET session_replication_role = 'replica'; ${sql}`));

describe('A session at a database ends although web holds its grant’s row', () => {
  test('when who approved it does not count any more', async () => {
    const bob = await signer('Bob', 'approver');
    await admit(house, bob);
    const { key: enrolled } = await signer('Spare of Bob', 'approver');
    await change(house, { kind: 'key.enroll', human: bob.human, enrolled }, null, bob);
    const { grantId, gone } = await live(bob);
    await holdRows(house, [grantId], async () => {
      const disabled = { id: bob.key.id, label: bob.key.label };
      await change(house, { kind: 'key.disable', human: bob.human, disabled } as Parameters<typeof change>[1]);
      await gone;
      await dead(grantId);
      expect(await stateOf(grantId)).toBe('active');
    });
    await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked', endedBy: 'warden' });
    expect((await grantOf(house, grantId)).proof?.toString()).toContain('28P01');
  });

  test('when its agent is turned off', async () => {
    const { grantId, gone } = await live();
    await holdRows(house, [grantId], async () => {
      await agentOff(agent);
      await gone;
      await dead(grantId);
      await expect.poll(alarm, SOON).toContain(`${grantId} is over, and nothing is had for it any more`);
    });
    await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked', endedBy: 'warden' });
    await expect.poll(alarm, SOON).toBeUndefined();
  });

  test('when its agent gives it back, and the agent is answered at once', async () => {
    const { grantId, gone } = await live();
    await holdRows(house, [grantId], async () => {
      const before = performance.now();
      expect((await giveBack(grantId)).status).toBe(200);
      expect(performance.now() - before).toBeLessThan(5_000);
      await gone;
      await dead(grantId);
      expect(await stateOf(grantId)).toBe('active');
    });
    await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked', endedBy: agent.id });
  });

  test.each([
    ['when nobody knows whether it was made', 'voided'],
    ['when it was given back while it was being made, and could not be taken away then', 'revoked'],
  ])('%s', async (_, endReason) => {
    const grantId = await ready();
    const hold = holdOf(grantId);
    const lost = async () => refuse('target_unreachable', 'Lost.');
    const open: House['warden']['targets']['open'] = (...way) => {
      const target = house.warden.targets.open(...way);
      const mint: typeof target.mint = async (...all) => {
        await hold.take();
        if (endReason === 'voided') return target.mint(...all).then(lost);
        expect((await giveBack(grantId)).status).toBe(200);
        // Whoever ends it now would prove dead what is not born yet.
        await sleep(1_500);
        return target.mint(...all);
      };
      return { ...target, mint, end: lost };
    };
    const torn = { ...house.warden, targets: { ...house.warden.targets, open } };
    const collecting = collectGrant(torn, house.results, factsOfAgent(agent), grantId);
    await expect(collecting).rejects.toMatchObject({ code: 'target_unreachable' });
    await dead(grantId);
    expect(await stateOf(grantId)).toBe('active');
    await hold.letGo();
    await untilGrant(house, grantId, { state: 'ended', endReason });
    expect(house.warden.vault.live.find(grantId)).toBeUndefined();
  });

  test('when the warden was started again since it was decided, and its row says so then', async () => {
    await ending.stop();
    const [{ grantId, gone }, other] = [await live(), await live()];
    await holdRows(house, [grantId, other.grantId], async (letGo) => {
      for (const one of [grantId, other.grantId]) await giveBack(one);
      ending = startEnding(house.restarted());
      await Promise.all([gone, other.gone]);
      await dead(grantId);
      await ending.stop();
      await letGo();
    });
    expect(await stateOf(grantId)).toBe('active');
    ending = startEnding(house.restarted());
    await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked', endedBy: agent.id });
    expect((await grantOf(house, grantId)).proof?.toString()).toContain('28P01');
  });
});

describe('The alarm of held rows', () => {
  test('names none that the warden has not tried yet, after a restart', async () => {
    await ending.stop();
    const grantId = await ready();
    const stop = { reason: 'revoked', by: 'warden', at: new Date(Date.now() - 60_000).toISOString() };
    appendFileSync(join(house.dir, 'stopped.log'), `${JSON.stringify([grantId, stop])}\n`);
    const again = house.restarted();
    const raised: string[] = [];
    const raise: typeof again.alarms.raise = (...said) => {
      raised.push(said.join(' '));
      again.alarms.raise(...said);
    };
    ending = startEnding({ ...again, alarms: { ...again.alarms, raise } });
    await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked' });
    expect(raised.join('\n')).not.toContain('rows_held');
  });

  test('says STILL LIVE of what its target has not given up', async () => {
    const { password, ...place } = await sampleCompany();
    const way = await tcpProxy(place.port);
    const far = await addTarget(house, databaseConfig({ ...place, port: way.port }, { name: 'far' }), password);
    const grantId = await approve(house, await file(house, agent, far), { by: cleo });
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
    await holdRows(house, [grantId], async () => {
      await way.cut();
      await giveBack(grantId);
      await expect.poll(alarm, SOON).toContain(`${grantId} is over, and STILL LIVE at its target`);
      await way.mend();
      await expect.poll(alarm, { timeout: 40_000 }).toContain(`${grantId} is over, and nothing is had for it any more`);
    });
    await untilGrant(house, grantId, { state: 'ended' });
  }, 90_000);
});

describe('Rows that web holds keep no other grant from ending (P8):', () => {
  const revoke = (id: string) =>
    transact(house.web, (tx, now) => askForEnd(tx, now, id, { reason: 'revoked', by: house.ada.human.id }));

  test('sixty that were stopped, and sixty that are ending', async () => {
    const many: string[] = [];
    for (let n = 0; n < 60; n += 1) many.push((await live()).grantId);
    const [stopped, asked] = [many.slice(0, 30), many.slice(30)];
    const off = agent;
    agent = await newAgent(house);
    const other = await live();
    await ending.stop();
    for (const grantId of asked) await revoke(grantId);
    await holdRows(house, many, async () => {
      await agentOff(off);
      ending = startEnding(house.warden);
      for (const grantId of stopped.slice(0, 3)) await dead(grantId);
      await revoke(other.grantId);
      await other.gone;
      await untilGrant(house, other.grantId, { state: 'ended', endReason: 'revoked' });
      expect((await callWarden(house, '/readyz', { method: 'GET' })).status).toBe(200);
      for (const grantId of many) await dead(grantId);
      expect(new Set(await Promise.all(stopped.map(stateOf)))).toEqual(new Set(['active']));
    });
    for (const grantId of many) await untilGrant(house, grantId, { state: 'ended' });
  }, 180_000);

  test('one whose run a restart interrupted', async () => {
    const [{ grantId, gone }, interrupted] = [await live(), await ready()];
    await ending.stop();
    await asOwner(`UPDATE grants SET kind = 'exact', state = 'active' WHERE id = '${interrupted}'`);
    await holdRows(house, [interrupted], async () => {
      ending = startEnding(house.restarted());
      await revoke(grantId);
      await gone;
      await expect.poll(() => stateOf(grantId), { timeout: 8_000 }).toBe('ended');
      expect(await stateOf(interrupted)).toBe('active');
    });
    await untilGrant(house, interrupted, { state: 'ended', endReason: 'voided' });
  });
});

test('A freeze ends what lives although web holds its row', async () => {
  const { grantId, gone } = await live();
  await holdRows(house, [grantId], async () => {
    const begunAt = await databaseNow(house.web);
    const humanId = house.ada.human.id;
    await house.web.freeze.create({ data: { id: newId('frz'), humanId, reason: 'Something is odd.', begunAt } });
    await gone;
    await dead(grantId);
    expect(await stateOf(grantId)).toBe('active');
  });
  await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked', endedBy: 'warden' });
});
