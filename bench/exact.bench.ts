import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { type RailwaySimulator, startRailwaySimulator } from '../railway-simulator';
import { type Agent, newAgent } from './agents';
import { type ByHand, byHand } from './by-hand';
import { untilEnded } from './grants';
import { type Pairs, pairs, percentiles, report, timed, together } from './measure';
import { times } from './size';
import type { Row } from './table';
import { graphqlTarget } from './targets';
import { openWorld, type World } from './world';

/*
 * Exact operations, from approved to result: one SQL statement, which the warden runs; one mutation at a provider, which
 * the gateway runs on an order that the warden signs; and one that was held.
 */

let world: World;
let agent: Agent;
let callers: readonly Agent[];
let hand: ByHand;
let railway: RailwaySimulator;

beforeAll(async () => {
  world = await openWorld();
  railway = await startRailwaySimulator();
  await world.owner.addTarget({ kind: 'sample', soleOwnerMayApprove: true });
  await world.owner.addTarget(graphqlTarget('railway', railway.url, railway.token));
  agent = await newAgent(world);
  hand = await byHand(world);
});
afterAll(async () => {
  await Promise.all([hand.close(), railway.close()]);
  await world.close();
});

/** Milliseconds from the agent's call to the result; it is signed for before. */
async function run(ask: object): Promise<number> {
  const requestId = await agent.pending(ask);
  await world.owner.sign('request.approve', { requestId });
  const grantId = await agent.grantOf(requestId);
  const taken = await timed(async () => {
    const { result } = await agent.collect(grantId);
    if (result === undefined) throw new Error('no result');
  });
  await untilEnded(world, [grantId]);
  return taken;
}

const UPDATE = 'UPDATE public.bookings SET note = $1 WHERE id = $2';

const exactSql = (turn: number): Promise<number> =>
  run({
    target: 'sample-bookings',
    resources: ['table/public.bookings'],
    verbs: ['select', 'update'],
    ttlSeconds: 600,
    operation: { sql: UPDATE, parameters: [`note ${turn}`, (turn % 1_000) + 1] },
  });

/** A role, a session of it, the statement, and two commits. */
async function sqlByHand(turn: number): Promise<number> {
  let role = '';
  const taken = await timed(async () => {
    await hand.commit();
    role = await hand.mint();
    const client = await hand.login(role);
    await client.query(UPDATE, [`hand ${turn}`, (turn % 1_000) + 1]);
    await client.end();
    await hand.commit();
  });
  await hand.drop(role);
  return taken;
}

test('An exact SQL statement', async () => {
  const taken = await pairs(times(80), exactSql, sqlByHand);
  report(
    'An exact operation',
    percentiles('SQL, approved to result, against a role, a login, the statement and two commits', taken),
  );
});

const MUTATION = `mutation ($id: String!, $name: String!) {
  volumeUpdate(volumeId: $id, input: { name: $name }) {
    id
    name
  }
}`;

const operation = (turn: number) => ({
  query: MUTATION,
  variables: { id: railway.places.stagingVolume, name: `staging-${turn}` },
});

const exactMutation = (turn: number): Promise<number> =>
  run({
    target: 'railway',
    resources: [`volume/${railway.places.stagingVolume}`],
    verbs: ['update'],
    ttlSeconds: 600,
    operation: operation(turn),
  });

const graphql = (url: string, token: string, body: object, more: Readonly<Record<string, string>> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more },
    body: JSON.stringify(body),
  });

interface Bare {
  /** Milliseconds of the mutation straight at the provider. */
  readonly call: number;
  /** The same between two commits. */
  readonly withCommits: number;
}

async function mutationByHand(turn: number): Promise<Bare> {
  let call = 0;
  const withCommits = await timed(async () => {
    await hand.commit();
    call = await timed(async () => (await graphql(railway.url, railway.token, operation(turn))).arrayBuffer());
    await hand.commit();
  });
  return { call, withCommits };
}

/** Holds in a minute that one agent gets: people have to read each. */
const HOLDS_OF_ONE = 10;

/** Milliseconds from sending the signature to the answer of the call that was held for it. */
async function heldMutation(turn: number): Promise<number> {
  const caller = callers[Math.floor(turn / HOLDS_OF_ONE)] ?? agent;
  const answering = graphql(`${world.calls}/t/railway`, caller.token, operation(turn), { prefer: 'wait=60' });
  const requestId = await Promise.race([held(caller), answering.then(refused)]);
  const signed = world.owner.touch(await world.owner.offer('request.approve', { requestId }));
  const taken = await timed(async () => {
    await world.owner.submit(signed);
    const answer = await answering;
    if (answer.status !== 200) await refused(answer);
  });
  await untilEnded(world, [await caller.grantOf(requestId)]);
  return taken;
}

const refused = async (answer: Response): Promise<never> => {
  throw new Error(`answered ${answer.status}: ${await answer.text()}`);
};

/** The call's request, once people can see it. */
async function held(caller: Agent): Promise<string> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    const [id] = await caller.waiting();
    if (id !== undefined) {
      await world.previews.landed(id);
      return id;
    }
    await sleep(10);
  }
  throw new Error('the call was not held');
}

test('An exact operation at a provider', async () => {
  const count = times(80);
  callers = await together(1, count / HOLDS_OF_ONE + 2, () => newAgent(world));
  const asked = await pairs(count, exactMutation, mutationByHand);
  const onTheLine = await pairs(count, heldMutation, mutationByHand);
  report('An exact operation', [
    ...against('GraphQL, approved to result', 'the same at the provider and two commits', asked),
    ...against('GraphQL held on the line, signature to answer', 'the same', onTheLine),
  ]);
});

/** Against all that no product could leave out, and against the call alone. */
const against = (what: string, whole: string, { ours, bare }: Pairs<number, Bare>): Row[] => [
  ...percentiles(`${what}, against ${whole}`, { ours, bare: bare.map(({ withCommits }) => withCommits) }),
  ...percentiles(`${what}, against a bare call`, { ours, bare: bare.map(({ call }) => call) }),
];
