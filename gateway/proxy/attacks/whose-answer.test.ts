import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  addUpstream,
  type CastUpstream,
  type Cloud,
  graphqlConfig,
  graphqlUpstream,
  httpConfig,
  httpUpstream,
} from '#testing/provider';
import { allowRest, call, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';

/* Many agents over the same few connections to a provider: each is told what it asked for (T58). */

const AGENTS = 50;
const ROUNDS = 4;
/** Of them, those who read the other provider too. */
const FEW = 12;
const thing = (index: number, round: number): string => `/things/${index}-${round}`;
const numbers = [...Array(AGENTS).keys()];

let house: House;
let service: Awaited<ReturnType<typeof httpUpstream>>;
let cloud: CastUpstream<Cloud>;
let agents: readonly TestAgent[];

beforeAll(async () => {
  house = await openHouse();
  const canaries = numbers.flatMap((index) =>
    // Long and short ones: they take different ways out.
    [...Array(ROUNDS).keys()].map(
      (round) =>
        [thing(index, round), { canary: `of ${index} in ${round}`, filler: 'x'.repeat(round * 20_000) }] as const,
    ),
  );
  service = await httpUpstream(canaries);
  cloud = await graphqlUpstream();
  const targetId = await addUpstream(house, httpConfig(service.url, { opens: ['GET /things/**'] }), service.secret);
  const cloudId = await addUpstream(house, graphqlConfig(cloud.url), cloud.secret);
  const made: TestAgent[] = [];
  for (const _ of numbers) {
    const agent = await newAgent(house);
    await allowRest(house, agent, targetId);
    if (made.length < FEW) await allowRest(house, agent, cloudId);
    made.push(agent);
  }
  agents = made;
  // Who they are is heard of a moment later.
  const last = { method: 'GET', token: made.at(-1)?.token ?? '' };
  const first = async () =>
    expect((await call(house, `/t/internal-api${thing(0, 0)}`, last)).text).toContain('of 0 in 0');
  await vi.waitFor(first, { timeout: 20_000, interval: 250 });
}, 120_000);
afterAll(async () => {
  await Promise.all([service.close(), cloud.close()]);
  await house.close();
});

test('Fifty agents at once get their own answers, of every length, from one HTTP provider (T58)', async () => {
  const asked = agents.map(async ({ token }, index) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { status, body } = await call(house, `/t/internal-api${thing(index, round)}`, { method: 'GET', token });
      expect([status, body.canary]).toEqual([200, `of ${index} in ${round}`]);
    }
  });
  await Promise.all(asked);
});

test('The same words with other values under the same name are told apart by who sent them (T58)', async () => {
  const query = 'query Same($id: String!) { environment(id: $id) { id name } }';
  for (const index of numbers) cloud.world.environments.set(`env_${index}`, `canary of ${index}`);
  const headers = { 'content-type': 'application/json' };
  const asked = agents.slice(0, FEW).map(async ({ token }, index) => {
    const body = JSON.stringify({ query, operationName: 'Same', variables: { id: `env_${index}` } });
    const answer = await call(house, '/t/railway', { token, headers, body });
    expect(answer.body).toEqual({ data: { environment: { id: `env_${index}`, name: `canary of ${index}` } } });
  });
  await Promise.all(asked);
});
