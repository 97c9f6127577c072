import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { digestOf, iso, newId, randomToken } from '#lib/core';
import { signRecord } from '#lib/records';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import { approve, factsOfAgent, file, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';
import { startResults } from '#warden/results';
import { collectGrant } from './collect';
import { anyCopy } from './orders/order';

/*
 * Which copy of the gateway is ordered to run what was approved: one that runs,
 * and that the gateway's key certified. Where there is none, the approval waits.
 */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let agent: TestAgent;
let targetId: string;
/** Made while the one honest copy still looked at what was asked. */
const approvals: string[] = [];

const OPERATION = { method: 'DELETE' as const, path: '/v1/things/1' };
const ASK = { resources: ['path/v1/things/1'], verbs: ['delete'], operation: OPERATION };

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream();
  agent = await newAgent(house);
  targetId = await addUpstream(house, httpConfig(provider.url), provider.secret);
  for (let n = 0; n < 5; n += 1) approvals.push(await ready());
  await house.copy.close();
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(() => house.owner.gatewayInstance.deleteMany());

async function ready(): Promise<string> {
  const requestId = await file(house, agent, targetId, ASK);
  const where = { id: requestId, state: 'pending' };
  await vi.waitUntil(async () => (await house.owner.request.count({ where })) === 1, { timeout: 10_000 });
  return approve(house, requestId);
}

const next = (): string => approvals.pop() ?? '';
const stateOf = async (id: string) => (await house.owner.grant.findUniqueOrThrow({ where: { id } })).state;
const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** A row as a copy makes one of itself, its certificate signed by `by`. It answers nothing. */
async function copy(by: KeyObject, seenAt = new Date(Date.now() + 60_000)): Promise<string> {
  const id = newId('gwi');
  const { kty, crv, x, y } = newKey().export({ format: 'jwk' });
  const certificate = signRecord(by, 'instance', { id, jwk: { kty, crv, x, y } as never, issuedAt: iso(new Date()) });
  await house.owner.gatewayInstance.create({ data: { id, ...certificate, nonce: randomToken(18), seenAt } });
  return id;
}

const collecting = (grantId: string, results = house.results) =>
  collectGrant(house.warden, results, factsOfAgent(agent), grantId);

describe('An agent that collects at the warden', () => {
  test.each([
    ['none', async () => undefined],
    ['one that was last heard of a minute ago', () => copy(house.keys.gatewayKey, new Date(Date.now() - 60_000))],
    ['one that the gateway’s key did not certify', () => copy(newKey())],
  ])('is told to try again where the copies are %s, and keeps its approval', async (_, there) => {
    await there();
    const grantId = approvals[0] ?? '';
    await expect(collecting(grantId)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Your approval is untouched'),
    });
    expect(await stateOf(grantId)).toBe('ready');
    expect(await house.owner.order.count({ where: { grantId } })).toBe(0);
  });

  test('has it run by the copy that is certified, whichever was heard of last', async () => {
    const certified = await copy(house.keys.gatewayKey, new Date(Date.now() + 60_000));
    await copy(newKey(), new Date(Date.now() + 120_000));
    expect(await anyCopy(house.warden, new Date())).toBe(certified);
  });

  test('is told to look at its grant, and not to repeat, where the copy never answers', async () => {
    await copy(house.keys.gatewayKey);
    const grantId = next();
    const impatient = startResults(house.warden, { waitSeconds: 0.2 });
    await expect(collecting(grantId, impatient)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Do not repeat it: GET the grant'),
    });
    await impatient.stop();
    // It was ordered: nobody knows what became of it, and nobody may order it again.
    expect(await stateOf(grantId)).toBe('active');
    expect(await house.owner.order.count({ where: { grantId, runs: true } })).toBe(1);
    await expect(collecting(grantId)).rejects.toMatchObject({ code: 'already_decided' });
  });
});

describe('A call on the line', () => {
  async function wish(grantId: string, instanceId: string): Promise<string> {
    const { id: agentId, tokenHash, keyThumbprint } = factsOfAgent(agent);
    const said = { grantId, agentId, tokenHash, keyThumbprint, instanceId, operationDigest: digestOf(OPERATION) };
    return (await house.owner.orderWanted.create({ data: { id: newId('ord'), ...said } })).id;
  }
  const answerTo = async (wantedId: string) => {
    const find = () => house.owner.order.findFirst({ where: { wantedId } });
    await expect.poll(find, { timeout: 10_000 }).not.toBeNull();
    return find();
  };

  test('at a copy that another key certified gets no order, and costs nobody the approval', async () => {
    const grantId = next();
    expect(await answerTo(await wish(grantId, await copy(newKey())))).toMatchObject({ runs: false });
    expect(await stateOf(grantId)).toBe('ready');
    // The same wish of a copy that the gateway's key certified is granted.
    const certified = await copy(house.keys.gatewayKey);
    expect(await answerTo(await wish(grantId, certified))).toMatchObject({ runs: true, instanceId: certified });
  });

  test('is ordered once a grant: the database keeps a second order out, whoever signed it', async () => {
    const grantId = next();
    const instanceId = await copy(house.keys.gatewayKey);
    await answerTo(await wish(grantId, instanceId));
    const again = { id: newId('ord'), grantId, instanceId, body: '', signature: '' };
    await expect(house.warden.db.order.create({ data: { ...again, runs: true } })).rejects.toMatchObject({
      code: 'P2002',
    });
    // A no is no order: there may be as many as there are wishes.
    await expect(house.warden.db.order.create({ data: { ...again, runs: false } })).resolves.toBeDefined();
  });
});
