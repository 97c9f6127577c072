import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, filed, filing, type Stage, stage } from '#testing/routes';

let at: Stage;
beforeAll(async () => {
  at = await stage({ filingsPerMinute: 6, callsPerSecond: 50, openRequests: 3 });
});
afterAll(() => at.close());

test('An agent may have so many undecided requests, and a place is free again when one is decided (T17)', async () => {
  const first = await filed(at.ada);
  await filed(at.ada);
  await filed(at.ada);
  const refused = await call('POST /requests', { as: at.ada, body: filing() });
  expect([refused.status, (await refused.json()).code, refused.headers.get('retry-after')]).toEqual([
    429,
    'rate_limited',
    '60',
  ]);
  await call(`POST /requests/${first.id}/cancel`, { as: at.ada });
  await filed(at.ada);
});

test('An agent that files too often is told when to come back, and another is not held up by it', async () => {
  const body = { target: 'nothing' };
  const answers = [];
  for (let i = 0; i < 7; i += 1) answers.push(await call('POST /requests', { as: at.bob, body }));
  expect(answers.map((answer) => answer.status)).toEqual([400, 400, 400, 400, 400, 400, 429]);
  expect(answers[0]?.headers.get('ratelimit')).toMatch(/^"filings";r=5;t=\d+$/);
  expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"filings";q=6;w=60');
  expect(Number(answers[6]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await call('POST /requests', { as: await at.agent('carol'), body })).status).toBe(400);
});

test('Who tries tokens is slowed down by address, and nobody who has one is locked out by it', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9, 203.0.113.7' };
  const tries = await Promise.all(Array.from({ length: 40 }, () => call('GET /me', { headers })));
  const statuses = tries.map(({ status }) => status);
  expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401));
  expect(statuses.slice(30)).toEqual(Array(10).fill(429));
  expect(tries[39]?.headers.get('retry-after')).toMatch(/^\d+$/);
  expect((await call('GET /me', { as: at.bob, headers })).status).toBe(200);
  expect((await call('GET /me', { headers: { 'x-forwarded-for': '203.0.113.8' } })).status).toBe(401);
});

test('Asking counts are apart from reading counts', async () => {
  expect((await call('GET /me', { as: at.bob })).status).toBe(200);
});

test('What a retry under its key got before, it gets although no new request would be taken', async () => {
  const agent = await at.agent('retry');
  const key = { 'idempotency-key': 'k' };
  const body = filing();
  const first = await call('POST /requests', { as: agent, body, headers: key });
  await filed(agent);
  await filed(agent);
  const again = await call('POST /requests', { as: agent, body, headers: key });
  expect([again.status, await again.text()]).toEqual([201, await first.text()]);
});
