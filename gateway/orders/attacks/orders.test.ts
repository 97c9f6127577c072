import { generateKeyPairSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { digestOf, newId, sha256Base64url } from '#lib/core';
import { Prisma, type Statement } from '#lib/db';
import { type Order, OrderResult } from '#lib/records';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  approve,
  factsOfAgent,
  file,
  type House,
  insertOrder,
  newAgent,
  openHouse,
  orderFor,
  type TestAgent,
} from '#testing/warden';

/*
 * Orders as they lie in rows. The one for this very copy, of now, is run, once;
 * whatever else somebody makes of one is not.
 */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let agent: TestAgent;
let targetId: string;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream();
  agent = await newAgent(house);
  targetId = await addUpstream(house, httpConfig(provider.url), provider.secret);
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  provider.changes.splice(0);
  house.publisher.resume();
  await expect.poll(() => house.gateway.head.ageSeconds(), { timeout: 10_000 }).toBeLessThan(FRESH_SECONDS);
});

const FRESH_SECONDS = 2;
const OPERATION = { method: 'DELETE' as const, path: '/v1/things/1' };
const own = (): string => house.gateway.vault.instance.id;

async function ready(): Promise<string> {
  const ask = { resources: ['path/v1/things/1'], verbs: ['delete'], operation: OPERATION };
  const requestId = await file(house, agent, targetId, ask);
  const state = async () => (await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).state;
  await expect.poll(state, { timeout: 10_000 }).toBe('pending');
  return approve(house, requestId);
}

/** What the warden would order: its grant is active, and collected by nobody. */
async function approved(): Promise<{ readonly grantId: string; readonly verdict: Order['verdict'] }> {
  const grantId = await ready();
  const grant = await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } });
  return { grantId, verdict: await orderFor(house.warden, grant, factsOfAgent(agent)) };
}

async function outcomeOf(orderId: string): Promise<OrderResult['outcome']> {
  const find = () => house.owner.orderResult.findUnique({ where: { orderId } });
  await expect.poll(find, { timeout: 15_000 }).not.toBeNull();
  return OrderResult.parse(JSON.parse((await find())?.body ?? '')).outcome;
}

const soon = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1_500));

/** Holds a run between its first look and its last until this is true. Says how many runs it held. */
function slowDown(isTrue: () => boolean): { held(): number } {
  const { hot } = house.gateway;
  const { rows } = hot;
  let held = 0;
  const slow = async (statement: Statement, values: unknown[]) => {
    if (statement.name === 'vault_secret') {
      held += 1;
      while (!isTrue()) await sleep(20);
    }
    return rows(statement, values);
  };
  Object.assign(hot, { rows: slow });
  onTestFinished(() => void Object.assign(hot, { rows }));
  return { held: () => held };
}

test('An order for this copy is run, journaled, and answered for', async () => {
  const { grantId, verdict } = await approved();
  const { id } = await insertOrder(house.warden, { wantedId: null, grantId, instanceId: own(), verdict });
  expect(await outcomeOf(id)).toMatchObject({ kind: 'ran', status: 404 });
  expect(provider.changes).toEqual(['DELETE /v1/things/1']);
  expect(house.gateway.vault.instance.begun.has(id)).toBe(true);
});

test.each([
  ['another token', () => ({ tokenHash: sha256Base64url('another') })],
  ['another key', () => ({ keyThumbprint: sha256Base64url('another') })],
  ['another operation', () => ({ operationDigest: sha256Base64url('another') })],
])(
  'A copy that lies about the call on its line, and says %s, gets no order and costs nobody the approval',
  async (_, lie) => {
    const grantId = await ready();
    const { id: agentId, tokenHash, keyThumbprint } = factsOfAgent(agent);
    const wish = {
      agentId,
      tokenHash,
      keyThumbprint,
      grantId,
      operationDigest: digestOf(OPERATION),
      instanceId: own(),
    };
    const { id } = await house.owner.orderWanted.create({ data: { id: newId('ord'), ...wish, ...lie() } });
    const answer = () => house.owner.order.findFirst({ where: { wantedId: id } });
    await expect.poll(answer, { timeout: 10_000 }).toMatchObject({ runs: false });
    expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({ state: 'ready' });
    expect(provider.changes).toEqual([]);
  },
);

test('An order that meets a head which is late for a moment waits for the next one, and costs nobody the approval', async () => {
  const { grantId, verdict } = await approved();
  await house.publisher.pause();
  await expect.poll(() => house.gateway.head.ageSeconds()).toBeGreaterThan(2);
  const { id } = await insertOrder(house.warden, { wantedId: null, grantId, instanceId: own(), verdict });
  await soon();
  expect(provider.changes).toEqual([]);
  house.publisher.resume();
  expect(await outcomeOf(id)).toMatchObject({ kind: 'ran' });
  expect(provider.changes).toEqual(['DELETE /v1/things/1']);
});

describe('Not run, and nothing sent, is an order', () => {
  test('that meets a head which stays late', async () => {
    const { grantId, verdict } = await approved();
    await house.publisher.pause();
    await expect.poll(() => house.gateway.head.ageSeconds()).toBeGreaterThan(2);
    const { id } = await insertOrder(house.warden, { wantedId: null, grantId, instanceId: own(), verdict });
    expect(await outcomeOf(id)).toMatchObject({ kind: 'failed', sent: false, code: 'unavailable' });
    expect(provider.changes).toEqual([]);
    house.publisher.resume();
    await expect.poll(() => house.gateway.head.ageSeconds()).toBeLessThan(1);
  });

  test('that came too late', async () => {
    const { grantId, verdict } = await approved();
    const past = new Date(Date.now() - 1_000).toISOString();
    const of = { wantedId: null, grantId, instanceId: own(), verdict };
    const { id } = await insertOrder(house.warden, of, { expiresAt: past });
    expect(await outcomeOf(id)).toMatchObject({ kind: 'failed', sent: false, code: 'gone' });
    expect(provider.changes).toEqual([]);
  });

  test('that ran out of time between the first look and the last', async () => {
    const { grantId, verdict } = await approved();
    const expiresAt = new Date(house.gateway.head.now().getTime() + 4_000).toISOString();
    const slow = slowDown(() => house.gateway.head.now() >= new Date(expiresAt));
    const of = { wantedId: null, grantId, instanceId: own(), verdict };
    const { id } = await insertOrder(house.warden, of, { expiresAt });
    expect(await outcomeOf(id)).toMatchObject({ kind: 'failed', sent: false, code: 'gone' });
    expect(slow.held()).toBe(1);
    expect(provider.changes).toEqual([]);
  });

  test('that met an old head, at the first look or at the last', async () => {
    const [last, first] = [await approved(), await approved()];
    const slow = slowDown(() => house.gateway.head.ageSeconds() > FRESH_SECONDS);
    const of = { wantedId: null, instanceId: own() };
    const begun = await insertOrder(house.warden, { ...of, ...last });
    await expect.poll(() => house.gateway.vault.instance.begun.has(begun.id)).toBe(true);
    await house.publisher.pause();
    expect(await outcomeOf(begun.id)).toMatchObject({ kind: 'failed', sent: false, code: 'unavailable' });
    const { id } = await insertOrder(house.warden, { ...of, ...first });
    expect(await outcomeOf(id)).toMatchObject({ kind: 'failed', sent: false, code: 'unavailable' });
    expect(slow.held()).toBe(1);
    expect(provider.changes).toEqual([]);
  });

  test('for another copy', async () => {
    const { grantId, verdict } = await approved();
    await insertOrder(house.warden, { wantedId: null, grantId, instanceId: newId('gwi'), verdict });
    await soon();
    expect(provider.changes).toEqual([]);
  });

  test('for another copy, in a row that says it is for this one', async () => {
    const { grantId, verdict } = await approved();
    const order = await insertOrder(house.warden, { wantedId: null, grantId, instanceId: newId('gwi'), verdict });
    await house.owner.$executeRaw`ALTER TABLE orders DISABLE TRIGGER written_once`;
    await house.owner.order.update({ where: { id: order.id }, data: { instanceId: own() } });
    await house.owner.$executeRaw`ALTER TABLE orders ENABLE TRIGGER written_once`;
    await soon();
    expect(provider.changes).toEqual([]);
    expect(JSON.stringify(house.gateway.alarms.list())).toContain(order.id);
  });

  test('that another key signed', async () => {
    const { grantId, verdict } = await approved();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const vault = { ...house.warden.vault, signingKey: privateKey };
    const of = { wantedId: null, grantId, instanceId: own(), verdict };
    await insertOrder({ db: house.warden.db, vault }, of);
    await soon();
    expect(provider.changes).toEqual([]);
  });

  test('that names another operation than it holds', async () => {
    const { grantId, verdict } = await approved();
    if (verdict.kind !== 'run') throw new Error('refused');
    const other = { ...verdict, operation: { method: 'DELETE' as const, path: '/v1/things/2' } };
    const { id } = await insertOrder(house.warden, { wantedId: null, grantId, instanceId: own(), verdict: other });
    expect(await outcomeOf(id)).toMatchObject({ kind: 'failed', sent: false, code: 'statement_refused' });
    expect(provider.changes).toEqual([]);
  });

  test('for a target that was changed since', async () => {
    const { grantId, verdict } = await approved();
    if (verdict.kind !== 'run') throw new Error('refused');
    const older = { ...verdict, targetChainHash: sha256Base64url('another entry') };
    const { id } = await insertOrder(house.warden, { wantedId: null, grantId, instanceId: own(), verdict: older });
    expect(await outcomeOf(id)).toMatchObject({ kind: 'failed', sent: false, code: 'conflict' });
  });

  test('for another operation than the call that is on the line', async () => {
    const { grantId, verdict } = await approved();
    await house.stopAnswering();
    const wish = { grantId, operation: { ...OPERATION, path: '/v1/things/3' }, agent: factsOfAgent(agent) };
    const running = house.copy.orders.run({ ...wish, gone: new AbortController().signal });
    const told = expect(running).rejects.toMatchObject({ code: 'statement_refused' });
    const wanted = () => house.owner.orderWanted.findFirst({ where: { grantId } });
    await expect.poll(wanted).not.toBeNull();
    const wantedId = (await wanted())?.id ?? '';
    await insertOrder(house.warden, { wantedId, grantId, instanceId: own(), verdict });
    await told;
    house.answerAgain();
    expect(provider.changes).toEqual([]);
  });
});

describe('A copy that was restarted between its journal and the sending', () => {
  test('never runs the order again, and says that nobody knows whether it was sent', async () => {
    const { grantId, verdict } = await approved();
    const first = await house.anotherCopy('crashed');
    const { instance } = first.gateway.vault;
    const id = newId('ord');
    instance.begun.begin(id);
    await first.close();
    await insertOrder(house.warden, { wantedId: null, grantId, instanceId: instance.id, verdict }, { id });
    const again = await house.anotherCopy('crashed');
    expect(again.gateway.vault.instance.id).toBe(instance.id);
    expect(await outcomeOf(id)).toMatchObject({ kind: 'failed', sent: true });
    expect(provider.changes).toEqual([]);
    await again.close();
  });

  test('is another copy where it lost its journal: what was ordered of the one is nobody’s', async () => {
    const first = await house.anotherCopy('forgetful');
    const { instance } = first.gateway.vault;
    await first.close();
    rmSync(join(house.keys.instanceDir('forgetful'), 'journal'), { recursive: true });
    const { grantId, verdict } = await approved();
    await insertOrder(house.warden, { wantedId: null, grantId, instanceId: instance.id, verdict });
    const again = await house.anotherCopy('forgetful');
    expect(again.gateway.vault.instance.id).not.toBe(instance.id);
    await soon();
    expect(provider.changes).toEqual([]);
    await again.close();
  });

  test('does not run twice what lies in rows twice', async () => {
    const { grantId, verdict } = await approved();
    const order = await insertOrder(house.warden, { wantedId: null, grantId, instanceId: own(), verdict });
    expect(await outcomeOf(order.id)).toMatchObject({ kind: 'ran' });
    const grant = { where: { id: grantId } };
    // The warden has read it, so that nothing of the first time is still under way.
    await expect.poll(async () => (await house.owner.grant.findUniqueOrThrow(grant)).state).toBe('ending');
    // By whoever owns the tables the result is taken away, and the grant set back: as if nothing had happened yet.
    const { owner } = house;
    await owner.$transaction([
      owner.$executeRaw`ALTER TABLE order_results DISABLE TRIGGER written_once`,
      owner.$executeRaw`ALTER TABLE grants DISABLE TRIGGER forward_grant`,
      owner.orderResult.delete({ where: { orderId: order.id } }),
      owner.grant.update({
        ...grant,
        data: { state: 'active', endReason: null, endingAt: null, result: Prisma.DbNull, uses: 0 },
      }),
      owner.$executeRaw`ALTER TABLE grants ENABLE TRIGGER forward_grant`,
      owner.$executeRaw`ALTER TABLE order_results ENABLE TRIGGER written_once`,
    ]);
    expect(await outcomeOf(order.id)).toMatchObject({ kind: 'failed', sent: true });
    expect(provider.changes).toEqual(['DELETE /v1/things/1']);
  });
});

test('Two processes that were given one folder by mistake run an order once between them, or not at all', async () => {
  const twins = [await house.anotherCopy('twin'), await house.anotherCopy('twin')];
  const instanceId = twins[0]?.gateway.vault.instance.id ?? '';
  expect(twins[1]?.gateway.vault.instance.id).toBe(instanceId);
  const ran: boolean[] = [];
  for (let n = 0; n < 5; n += 1) {
    const { grantId, verdict } = await approved();
    const { id } = await insertOrder(house.warden, { wantedId: null, grantId, instanceId, verdict });
    ran.push((await outcomeOf(id)).kind === 'ran');
  }
  await soon();
  // One that finds the other's beginning says that nobody knows what came of it; the warden ends the grant on that word,
  // and the other, which asks before it sends, may send nothing. What ran was sent once, and nothing twice.
  expect(provider.changes.length).toBeLessThanOrEqual(5);
  expect(provider.changes.length).toBeGreaterThanOrEqual(ran.filter(Boolean).length);
  expect(provider.changes).toContain('DELETE /v1/things/1');
  await Promise.all(twins.map((twin) => twin.close()));
});
