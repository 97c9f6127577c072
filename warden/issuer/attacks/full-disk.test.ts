import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  addTarget,
  approve,
  databaseConfig,
  factsOfAgent,
  file,
  grantOf,
  type House,
  isMinted,
  newAgent,
  openHouse,
  sampleCompany,
  type TestAgent,
} from '#testing/warden';
import { collectGrant } from '../index';

/* A grant whose row says that it was collected, and whose approval could not be noted as used: nothing is made of it (P5). */

let house: House;
let agent: TestAgent;
let database: string;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let upstream: string;

beforeAll(async () => {
  house = await openHouse();
  const { password, ...place } = await sampleCompany();
  database = await addTarget(house, databaseConfig(place), password);
  provider = await httpUpstream([['/v1/things', []]]);
  upstream = await addUpstream(house, httpConfig(provider.url), provider.secret);
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  agent = await newAgent(house);
});

const full = (): never => {
  throw new Error('ENOSPC: no space left on device');
};

const credential = async () => approve(house, await file(house, agent, database));

async function callAtProvider(): Promise<string> {
  const ask = { resources: ['path/v1/things/1'], verbs: ['delete'] };
  const operation = { method: 'DELETE' as const, path: '/v1/things/1' };
  const requestId = await file(house, agent, upstream, { ...ask, operation });
  const state = async () => (await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).state;
  await expect.poll(state, { timeout: 15_000 }).toBe('pending');
  return approve(house, requestId);
}

const tokenAtProvider = async () =>
  approve(house, await file(house, agent, upstream, { resources: ['path/v1/things/7'], verbs: ['put'] }));

test.each([
  ['a credential', credential, { spent: true }],
  ['a token of a provider', tokenAtProvider, { spent: false }],
  ['an order', callAtProvider, { spent: true }],
  ['an order that lives nowhere yet', callAtProvider, { spent: false }],
])('It is voided: %s', async (_, make, { spent }) => {
  const grantId = await make();
  const { vault } = house.warden;
  const torn = spent
    ? { ...vault, spent: { ...vault.spent, add: full } }
    : { ...vault, ledger: { ...vault.ledger, minted: full } };
  const collecting = collectGrant({ ...house.warden, vault: torn }, house.results, factsOfAgent(agent), grantId);
  await expect(collecting).rejects.toThrow('ENOSPC');
  expect(vault.stopped.has(grantId)).toBe(true);
  expect(await grantOf(house, grantId)).toMatchObject({ state: 'ending', endReason: 'voided' });
  expect(await house.owner.order.count({ where: { grantId } })).toBe(0);
  expect(await isMinted(grantId)).toBe(false);
});
