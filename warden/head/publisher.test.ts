import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { newId, randomToken, sha256Base64url } from '#lib/core';
import { databaseNow } from '#lib/db';
import {
  addTarget,
  approve,
  change,
  file,
  type House,
  newAgent,
  openHouse,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from '#testing/warden';
import { startPublisher } from './publisher';

/*
 * When a head is signed. The publisher of these tests rests for ten minutes
 * between two, so that one which comes within seconds was made for what had changed.
 */

let house: House;
let agent: TestAgent;
let requestId: string;
let publisher: ReturnType<typeof startPublisher>;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  const targetId = await addTarget(house, serviceConfig(serviceToken()));
  requestId = await file(house, agent, targetId, { resources: ['deploy/api'], verbs: ['start'] });
  await house.publisher.pause();
  publisher = startPublisher(house.warden, { everyMs: 600_000 });
});
afterAll(async () => {
  await publisher.stop();
  await house.close();
});

const seq = async (): Promise<bigint> => (await house.owner.head.findUniqueOrThrow({ where: { id: 1 } })).seq;

/** What changed before has its head: none came for a second, though the ordinary one would have. */
const quiet = (): Promise<boolean> =>
  vi.waitUntil(
    async () => {
      const before = await seq();
      await sleep(1_000);
      return (await seq()) === before;
    },
    { timeout: 20_000 },
  );

const CHANGES: ReadonlyArray<readonly [string, () => Promise<unknown>]> = [
  [
    'the chain',
    () => {
      const [token, { warden, ada }] = [serviceToken(), house];
      const target = serviceConfig(token, { name: 'other' });
      const of = { targetId: newId('tgt'), target, secretDigest: sha256Base64url(token), report: null };
      return change({ warden, ada }, { kind: 'target.add', ...of });
    },
  ],
  ['an agent', () => house.owner.agent.update({ where: { id: agent.id }, data: { state: 'disabled' } })],
  ['a grant', () => approve(house, requestId)],
  [
    'a freeze',
    async () => {
      const begunAt = await databaseNow(house.web);
      return house.web.freeze.create({ data: { id: newId('frz'), humanId: house.ada.human.id, reason: '', begunAt } });
    },
  ],
  [
    'the copies that run',
    () =>
      house.owner.gatewayInstance.create({
        data: { id: newId('gwi'), body: '', signature: '', nonce: randomToken(18) },
      }),
  ],
];

describe('A head is signed', () => {
  beforeEach(quiet);

  test.each(CHANGES)('at once when %s changed', async (_, make) => {
    const before = await seq();
    await make();
    await expect.poll(seq, { timeout: 20_000, interval: 20 }).toBeGreaterThan(before);
  });

  test('by itself as well, where nothing changed', async () => {
    await publisher.stop();
    const ordinary = startPublisher(house.warden, { everyMs: 50 });
    for (let heads = 0; heads < 3; heads += 1) {
      const before = await seq();
      await expect.poll(seq, { timeout: 20_000, interval: 20 }).toBeGreaterThan(before);
    }
    await ordinary.stop();
  });
});
