import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomToken } from '#lib/core';
import { type OrderResult, resultContext, sealTo, signRecord } from '#lib/records';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import { approve, collect, file, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';
import { type Instance, openInstance } from '../../../gateway/vault/instance';

/*
 * A taken copy of the gateway, with a key that the gateway key certified, gets an
 * order and answers what it likes: the agent that collects at the warden is told
 * something it can read, the grant ends, and no other answer waits for it.
 */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let agent: TestAgent;
let targetId: string;
let taken: Instance;
const dir = mkdtempSync(join(tmpdir(), 'countersign-taken-'));

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream();
  agent = await newAgent(house);
  targetId = await addUpstream(house, httpConfig(provider.url), provider.secret);
  taken = openInstance(dir, house.keys.gatewayKey, () => new Date());
  const { id, certificate } = taken;
  await house.owner.gatewayInstance.create({
    // Newer than any honest copy's word: the warden orders it of this one.
    data: { id, ...certificate, nonce: randomToken(18), seenAt: new Date(Date.now() + 3_600_000) },
  });
});
afterAll(async () => {
  await provider.close();
  await house.close();
  rmSync(dir, { recursive: true });
});

async function ready(): Promise<string> {
  const operation = { method: 'DELETE' as const, path: '/v1/things/1' };
  const requestId = await file(house, agent, targetId, {
    resources: ['path/v1/things/1'],
    verbs: ['delete'],
    operation,
  });
  const state = async () => (await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).state;
  await expect.poll(state, { timeout: 10_000 }).toBe('pending');
  return approve(house, requestId);
}

type Outcome = OrderResult['outcome'];

/** Collects, and has the taken copy answer the order. */
async function collectFrom(say: (orderId: string) => Promise<Outcome>, key = taken.key) {
  const grantId = await ready();
  const collecting = collect(house, grantId, { token: agent.collect });
  const find = () => house.owner.order.findFirst({ where: { grantId } });
  await expect.poll(find, { timeout: 10_000 }).toMatchObject({ instanceId: taken.id });
  const orderId = (await find())?.id ?? '';
  const result = { orderId, grantId, instanceId: taken.id, at: new Date().toISOString(), outcome: await say(orderId) };
  await house.owner.orderResult.create({
    data: { orderId, grantId, instanceId: taken.id, ...signRecord(key, 'result', result) },
  });
  return { grantId, orderId, answer: await collecting };
}

const stateOf = async (id: string) => (await house.owner.grant.findUniqueOrThrow({ where: { id } })).state;
const ran = (sealed: string): Outcome => ({ kind: 'ran', status: 200, sizeBytes: 2, sealed });
const sealedTo = (orderId: string, text: string): Promise<string> =>
  sealTo(house.gateway.vault.wardenPublicKey, resultContext(orderId), text);
const failure = (code: string, message: string): Outcome =>
  ({ kind: 'failed', sent: true, code, message }) as unknown as Outcome;

test.each([
  ['a reason that is none of ours', failure('made_up', 'Ha.')],
  ['a reason that every object has', failure('constructor', 'Ha.')],
  ['words that no database stores', failure('unavailable', 'Ha\u0000ha.')],
  ['a book of words', failure('unavailable', 'Ha. '.repeat(100_000))],
])('Told %s, the warden tells the agent a problem it can read, and ends the grant', async (_, outcome) => {
  const { grantId, answer } = await collectFrom(async () => outcome);
  expect(answer.status).toBe(503);
  expect(answer.body).toMatchObject({ code: 'unavailable' });
  expect(answer.text.length).toBeLessThan(4_000);
  await expect.poll(() => stateOf(grantId), { timeout: 10_000 }).not.toBe('active');
});

test.each([
  ['is sealed to nobody', async () => 'e30.e30.e30.e30.e30'],
  ['was sealed for another order', () => sealedTo('ord_00000000000000000000', '{}')],
  ['is no answer of HTTP’s', (orderId: string) => sealedTo(orderId, '{"status":"fine"}')],
  [
    'has a status that HTTP does not know',
    (orderId: string) =>
      sealedTo(orderId, JSON.stringify({ status: 9_999, contentType: 'a/b', body: '', truncated: false })),
  ],
])('A result that %s is not recorded: the agent hears it at once, and the alarm says so', async (_, seal) => {
  const { grantId, answer } = await collectFrom(async (orderId) => ran(await seal(orderId)));
  expect(answer.body).toMatchObject({ code: 'unavailable' });
  expect(house.recorded.alarms.list().map(({ code }) => code)).toContain('tampering');
  await expect.poll(() => stateOf(grantId), { timeout: 10_000 }).not.toBe('active');
});
