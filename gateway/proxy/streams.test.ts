import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { httpConfig } from '#testing/provider';
import {
  addTarget,
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

/*
 * A provider whose answers do not end. What was allowed when they began may be
 * taken back while they go on (P5, P9).
 */

const SECRET = 'canary-of-the-streams-provider';

let house: House;
let provider: Server;
let targetId: string;
let agent: TestAgent;
/** Streams the provider has open. */
let flowing = 0;
let hungUp = new AbortController();

beforeAll(async () => {
  house = await openHouse();
  provider = createServer((request, response) => {
    if (request.url === '/') return void response.end();
    flowing += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const tick = setInterval(() => response.write('data: tick\n\n'), 50);
    response.once('close', () => {
      clearInterval(tick);
      flowing -= 1;
    });
  });
  await new Promise<void>((resolve) => void provider.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/`;
  targetId = await addTarget(house, httpConfig(url, { opens: ['GET /v1/events'] }), SECRET);
});
afterAll(async () => {
  await house.close();
  provider.closeAllConnections();
  provider.close();
});
beforeEach(async () => {
  hungUp.abort();
  hungUp = new AbortController();
  await expect.poll(() => flowing).toBe(0);
  agent = await newAgent(house);
});

interface Stream {
  readonly status: number;
  /** Pieces so far. */
  count(): number;
  /** Whether it is over, however it ended. */
  over(): boolean;
}

/** Opens a stream and reads it for as long as it goes on. */
async function stream(path: string, token: string, method = 'GET'): Promise<Stream> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${house.origins.gateway}/t/internal-api${path}`, {
    method,
    headers,
    signal: hungUp.signal,
  });
  let [count, isOver] = [0, false];
  void (async () => {
    for await (const _piece of answer.body ?? []) count += 1;
  })()
    .catch(() => undefined)
    .finally(() => {
      isOver = true;
    });
  return { status: answer.status, count: () => count, over: () => isOver };
}

const flows = async (one: Stream): Promise<void> => {
  expect(one.status).toBe(200);
  const before = one.count();
  await expect.poll(one.count).toBeGreaterThan(before + 2);
};

/** Cut at the agent, and no longer asked of the provider. */
async function isCut(one: Stream): Promise<void> {
  await expect.poll(one.over, { timeout: 2_000 }).toBe(true);
  await expect.poll(() => flowing).toBe(0);
}

const atRest = async (): Promise<Stream> => {
  await allowRest(house, agent, targetId);
  const one = await stream('/v1/events', agent.token);
  await flows(one);
  return one;
};

async function onGrant(ask: object = {}): Promise<{ readonly grantId: string; readonly one: Stream }> {
  const wanted = { resources: ['path/v1/feed'], verbs: ['get'], ...ask };
  const grantId = await approve(house, await file(house, agent, targetId, wanted));
  const { body } = await collect(house, grantId, { token: agent.collect });
  const one = await stream('/v1/feed', body.credential.accessToken);
  await flows(one);
  return { grantId, one };
}

describe('An answer that goes on is cut', () => {
  test('when its grant is revoked, and the provider is no longer asked (P5)', async () => {
    const { grantId, one } = await onGrant();
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    await isCut(one);
  });

  test('when its grant expires', async () => {
    const { one } = await onGrant({ ttlSeconds: 5 });
    await expect.poll(one.over).toBe(true);
  });

  test('when its agent is revoked', async () => {
    const one = await atRest();
    await house.owner.agent.update({ where: { id: agent.id }, data: { state: 'disabled' } });
    await isCut(one);
  });

  test('when an owner takes back that the agent may read at rest', async () => {
    const one = await atRest();
    const target = { id: targetId as `tgt_${string}`, name: 'internal-api' };
    await change(house, { kind: 'rest.stop', agent: { id: agent.id, name: 'bot' }, target });
    await isCut(one);
  });

  test('at rest and on a grant, when everything is frozen (P9)', async () => {
    const [one, { one: other }] = [await atRest(), await onGrant()];
    const id = newId('frz');
    const { id: humanId, name } = house.ada.human;
    await house.web.freeze.create({ data: { id, humanId, reason: 'Odd.', begunAt: new Date() } });
    await isCut(one);
    await isCut(other);
    expect((await call(house, '/t/internal-api/v1/events', { method: 'GET', token: agent.token })).status).toBe(403);
    const frozenBy = { id: humanId, name };
    await change(house, {
      kind: 'freeze.thaw',
      freezeId: id,
      frozenBy,
      frozenAt: new Date(0).toISOString(),
      reason: 'Odd.',
    });
    const asked = () => call(house, '/t/internal-api/v1/x', { method: 'GET', token: agent.token });
    await expect.poll(async () => (await asked()).body.code).toBe('elevation_required');
  });
});

test('The answer to a grant’s last use is still its own, though the grant is spent', async () => {
  const { one } = await onGrant({ maxUses: 1 });
  await new Promise((resolve) => setTimeout(resolve, 700));
  await flows(one);
});

test('An agent has sixteen answers going on and no more, so slow readers take no target from others (T68)', async () => {
  await allowRest(house, agent, targetId);
  await Promise.all(Array.from({ length: 24 }, () => stream('/v1/events', agent.token)));
  await expect.poll(() => flowing).toBe(16);
  const answer = await call(house, '/t/internal-api/v1/events', { method: 'GET', token: agent.token });
  expect(answer.status).toBe(429);
  expect(answer.headers.get('retry-after')).toBe('5');
});
