import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Json, newId } from '#lib/core';
import { profileHash } from '#lib/profiles';
import { askDigest, Look, openRecord, signRecord } from '#lib/records';
import { askOf } from '#lib/requests';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import { file, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';

/*
 * Looks as a taken gateway signs them, or as somebody else puts them into the
 * table. One that is not of this very ask, or plays down its own acts, counts for
 * nothing, and no look keeps the next one waiting.
 */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let agent: TestAgent;
let targetId: string;
let honest: Look;
let requestId: string;

const ASK = { resources: ['path/v1/things/1'], verbs: ['delete'] };
const OPERATION = { method: 'DELETE' as const, path: '/v1/things/1' };
const SOON = { timeout: 10_000, interval: 50 };

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream();
  agent = await newAgent(house);
  targetId = await addUpstream(house, httpConfig(provider.url), provider.secret);
  // The warden is stuck until the honest copy has looked: its look is what the liar starts from.
  await house.stopAnswering();
  const id = await fileOne();
  const find = () => house.owner.look.findFirst({ where: { kind: 'request', subjectId: id } });
  const row = await vi.waitUntil(find, SOON);
  honest = openRecord(house.keys.gatewayPublicKey, 'look', Look, row) as Look;
  await house.copy.close();
  await house.owner.look.deleteMany();
  house.answerAgain();
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  requestId = await fileOne();
});

const fileOne = (): Promise<string> => file(house, agent, targetId, { ...ASK, operation: OPERATION });

/** The honest look, as one of this test's request, with changes of the liar's. */
async function lookOf(id: string, more: Partial<Look> = {}): Promise<Look> {
  const ask = askDigest(id, agent.id, targetId, askOf(await requestOf(id)));
  return { ...honest, requestId: id, ask, ...more };
}

const found = (more: object): Partial<Look> => ({ outcome: { ...honest.outcome, ...more } as Look['outcome'] });

function withEffect(text: string): Partial<Look> {
  const { preview } = honest.outcome as Extract<Look['outcome'], { kind: 'found' }>;
  return found({ preview: { ...preview, effects: [text] } });
}

async function leave(id: string, look: unknown, key: KeyObject = house.keys.gatewayKey): Promise<void> {
  const row = { id: newId('prb'), kind: 'request', subjectId: id, ...signRecord(key, 'look', look as Json) };
  await house.owner.look.create({ data: row });
}

const requestOf = (id: string) => house.owner.request.findUniqueOrThrow({ where: { id } });
const taken = () => house.owner.look.count();

const LIES: ReadonlyArray<readonly [string, (id: string) => Promise<unknown>]> = [
  ['is of another request', (id) => lookOf(id, { requestId: honest.requestId })],
  ['is of another ask', (id) => lookOf(id, { ask: honest.ask })],
  ['is of the target as it was signed before', (id) => lookOf(id, { targetChainHash: 'A'.repeat(43) })],
  ['is by another profile', (id) => lookOf(id, { profileHash: profileHash('github-rest') })],
  ['is of a milder operation', (id) => lookOf(id, found({ operation: { method: 'GET', path: '/v1/things/1' } }))],
  ['is of no operation', (id) => lookOf(id, found({ operation: null }))],
  ['says less danger than its own acts', (id) => lookOf(id, found({ danger: 0 }))],
  ['says no danger, and leaves its acts out as well', (id) => lookOf(id, found({ danger: 0, acts: [] }))],
  ['holds what no database stores', (id) => lookOf(id, withEffect('Deletes\u0000 it.'))],
  ['has more in it than a look has', (id) => lookOf(id, { approved: true } as object)],
];

test.each(LIES)('A look that %s does not count: an alarm, and the request waits for another', async (_, lie) => {
  await leave(requestId, await lie(requestId));
  await expect.poll(taken, SOON).toBe(0);
  expect(await requestOf(requestId)).toMatchObject({ state: 'preparing', preview: null });
  expect(JSON.stringify(house.recorded.alarms.list())).toContain(requestId);
});

test('A look that another key signed does not count', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await leave(requestId, await lookOf(requestId), privateKey);
  await expect.poll(taken, SOON).toBe(0);
  expect(await requestOf(requestId)).toMatchObject({ state: 'preparing', preview: null });
});

test('A look that cannot be stored keeps no other waiting', async () => {
  const stuck = await fileOne();
  const { owner } = house;
  await owner.$executeRawUnsafe(`CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.id = '${stuck}' THEN RAISE 'no room'; END IF; RETURN NEW; END $$`);
  await owner.$executeRaw`CREATE TRIGGER stuck BEFORE UPDATE ON requests FOR EACH ROW EXECUTE FUNCTION stuck()`;
  await leave(stuck, await lookOf(stuck));
  await leave(requestId, await lookOf(requestId));
  await expect.poll(async () => (await requestOf(requestId)).state, SOON).toBe('pending');
  expect((await requestOf(stuck)).state).toBe('preparing');
  await owner.$executeRaw`DROP FUNCTION stuck CASCADE`;
});

test('A look that holds is shown as the gateway’s word, whoever it says has looked', async () => {
  const { preview } = honest.outcome as Extract<Look['outcome'], { kind: 'found' }>;
  const { by: _, ...unsaid } = preview;
  await leave(requestId, await lookOf(requestId, found({ preview: unsaid })));
  await expect.poll(async () => (await requestOf(requestId)).state, SOON).toBe('pending');
  expect((await requestOf(requestId)).preview).toMatchObject({ by: 'gateway' });
});
