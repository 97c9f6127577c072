import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { addUpstream, type CastUpstream, type Cloud, graphqlConfig, graphqlUpstream } from '#testing/provider';
import {
  allowRest,
  approve,
  call,
  change,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  type TestAgent,
} from '#testing/warden';
import { startEnding } from '#warden/ending';

/*
 * Between the approval and the sending lies a look at the target, and a slow
 * provider makes it long. Whoever says no meanwhile must be heard (P5, P9, T64).
 */

let house: House;
let cloud: CastUpstream<Cloud>;
let slow: Awaited<ReturnType<typeof slowFront>>;
let agent: TestAgent;
let targetId: string;
let ending: ReturnType<typeof startEnding>;

beforeAll(async () => {
  house = await openHouse();
  cloud = await graphqlUpstream();
  slow = await slowFront(cloud.url);
  agent = await newAgent(house);
  targetId = await addUpstream(house, graphqlConfig(slow.url), cloud.secret);
  await allowRest(house, agent, targetId);
});
afterAll(async () => {
  slow.server.close();
  await cloud.close();
  await house.close();
});
beforeEach(async () => {
  await house.fresh();
  cloud.changes.length = 0;
  ending = startEnding(house.warden);
});
afterEach(async () => {
  slow.release();
  await ending.stop();
});

/** In front of a provider: calls that contain the text wait there. */
async function slowFront(origin: string): Promise<{
  readonly url: string;
  readonly server: Server;
  /** Resolves when one waits. */
  hold(text: string): Promise<void>;
  release(): void;
}> {
  let held = { text: '', came: () => {}, go: Promise.resolve() };
  let release = (): void => {};
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    if (held.text !== '' && body.includes(held.text)) {
      held.came();
      await held.go;
    }
    const { authorization = '' } = request.headers;
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(origin, { method: 'POST', headers, body });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(await answer.text());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    server,
    hold: (text) =>
      new Promise((came) => {
        held = { text, came, go: new Promise((go) => (release = go)) };
      }),
    release() {
      held = { ...held, text: '' };
      release();
    },
  };
}

const QUERY = 'mutation ($id: String!) {\n  volumeDelete(volumeId: $id)\n}';
const LOOK = 'volumeInstanceBackupList';
const SENT = 'volumeDelete(';
const grantOf = (id: string) => house.owner.grant.findUniqueOrThrow({ where: { id } });
const prepared = (id: string) =>
  expect
    .poll(async () => (await house.owner.request.findUniqueOrThrow({ where: { id } })).state, { timeout: 10_000 })
    .toBe('pending');

async function approved(): Promise<string> {
  const requestId = await file(house, agent, targetId, {
    resources: ['volume/vol_stag'],
    verbs: ['delete'],
    operation: { query: QUERY, variables: { id: 'vol_stag' } },
  });
  await prepared(requestId);
  return approve(house, requestId);
}

const revoke = (id: string) =>
  transact(house.web, (tx, now) => askForEnd(tx, now, id, { reason: 'revoked', by: house.ada.human.id }));
const expire = (id: string) => house.owner.$executeRaw`UPDATE grants SET expires_at = now() WHERE id = ${id}`;

describe('An operation that is about to be sent', () => {
  test.each([
    ['revoked', revoke, 410],
    ['out of time', expire, 410],
  ])('is not, where it is %s while the target is looked at; and that is proven and told', async (_how, end, status) => {
    const grantId = await approved();
    const looking = slow.hold(LOOK);
    const collecting = collect(house, grantId, { token: agent.collect });
    await looking;
    await end(grantId);
    slow.release();
    const answer = await collecting;
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining('nothing was sent')]);
    expect(cloud.changes).toEqual([]);
    await expect.poll(() => grantOf(grantId), { timeout: 10_000 }).toMatchObject({ state: 'ended', trouble: null });
    expect((await grantOf(grantId)).result).toEqual({ notRun: expect.stringContaining('nothing was sent') });
  });

  test('is not, where everything is frozen meanwhile, though nobody ended its grant', async () => {
    const grantId = await approved();
    const looking = slow.hold(LOOK);
    const collecting = collect(house, grantId, { token: agent.collect });
    await looking;
    const id = newId('frz') as `frz_${string}`;
    await house.web.freeze.create({ data: { id, humanId: house.ada.human.id, reason: 'Odd.', begunAt: new Date() } });
    slow.release();
    const answer = await collecting;
    expect([answer.status, answer.body.code]).toEqual([403, 'not_allowed']);
    expect(cloud.changes).toEqual([]);
    await change(house, {
      kind: 'freeze.thaw',
      freezeId: id,
      frozenBy: { id: house.ada.human.id, name: house.ada.human.name },
      frozenAt: new Date(0).toISOString(),
      reason: 'Odd.',
    });
    const headers = { 'content-type': 'application/json' };
    const rest = () => call(house, '/t/railway', { token: agent.token, headers, body: '{"query":"{ me { id } }"}' });
    await expect.poll(async () => (await rest()).status).toBe(200);
  });

  test('is not, where the agent behind a held call hung up after the approval', async () => {
    const hungUp = new AbortController();
    const calling = fetch(`${house.origins.gateway}/t/railway`, {
      method: 'POST',
      signal: hungUp.signal,
      headers: { authorization: `Bearer ${agent.token}`, 'content-type': 'application/json', prefer: 'wait=30' },
      body: JSON.stringify({ query: QUERY, variables: { id: 'vol_stag' } }),
    }).catch(() => null);
    const where = { agentId: agent.id, state: 'pending', held: true };
    await expect.poll(() => house.owner.request.count({ where }), { timeout: 10_000 }).toBe(1);
    const looking = slow.hold(LOOK);
    const grantId = await approve(house, (await house.owner.request.findFirstOrThrow({ where })).id);
    await looking;
    hungUp.abort();
    await calling;
    await new Promise((resolve) => setTimeout(resolve, 200));
    slow.release();
    await expect
      .poll(() => grantOf(grantId), { timeout: 10_000 })
      .toMatchObject({ state: 'ended', endReason: 'voided' });
    expect(cloud.changes).toEqual([]);
  });
});

test('One that was sent already is STILL LIVE until its answer is there: no proof comes before it (P5)', async () => {
  const grantId = await approved();
  const sending = slow.hold(SENT);
  const collecting = collect(house, grantId, { token: agent.collect });
  await sending;
  await revoke(grantId);
  await expect
    .poll(() => grantOf(grantId), { timeout: 10_000 })
    .toMatchObject({ state: 'ending', trouble: expect.stringContaining('under way') });
  slow.release();
  expect((await collecting).status).toBe(200);
  expect(cloud.changes).toEqual(['volumeDelete vol_stag']);
  await expect
    .poll(() => grantOf(grantId))
    .toMatchObject({
      state: 'ended',
      endReason: 'revoked',
      trouble: null,
      result: { status: 200 },
    });
  expect(await house.owner.auditEvent.count({ where: { grantId, kind: 'grant.executed' } })).toBe(1);
});

test('A held call that ends while the database is away leaves its request as it was', async () => {
  const hungUp = new AbortController();
  const calling = fetch(`${house.origins.gateway}/t/railway`, {
    method: 'POST',
    signal: hungUp.signal,
    headers: { authorization: `Bearer ${agent.token}`, 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify({ query: QUERY, variables: { id: 'vol_late' } }),
  }).catch(() => null);
  const where = { agentId: agent.id, state: 'pending', held: true };
  await expect.poll(() => house.owner.request.count({ where }), { timeout: 10_000 }).toBe(1);
  await house.wire.cut();
  hungUp.abort();
  await calling;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await house.wire.mend();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await house.owner.request.count({ where })).toBe(1);
  expect(cloud.changes).toEqual([]);
});
