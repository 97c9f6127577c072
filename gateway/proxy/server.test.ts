import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openApiDocument } from '#lib/http/openapi';
import { call, type House, openHouse } from '#testing/warden';

vi.mock('#lib/http/openapi', { spy: true });

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test.each([
  ['POST', '/v1/grants/grn_00000000000000000000/credential'],
  ['GET', '/v1/grants/grn_00000000000000000000'],
  ['POST', '/v1/targets/railway/rest'],
  ['POST', '/v1/introspect'],
  ['POST', '/v1/revoke'],
  ['GET', '/.well-known/jwks.json'],
])('%s %s is at the warden now, and whoever asks here is told where', async (method, path) => {
  const { status, body } = await call(house, path, { method });
  expect(status).toBe(404);
  expect(body.detail).toContain(`${method} ${house.origins.agent}${path}`);
});

test('It says that it lives, that it is ready, and what it serves', async () => {
  expect((await call(house, '/livez', { method: 'GET' })).body).toEqual({ live: true });
  await expect.poll(async () => (await call(house, '/readyz', { method: 'GET' })).status).toBe(200);
  const { body } = await call(house, '/openapi.json', { method: 'GET' });
  expect(Object.keys(body.paths)).toEqual(['/t/{target}', '/t/{target}/{path}', '/v1/authorize/{target}']);
  expect(body.servers).toEqual([{ url: house.origins.gateway }]);
});

test('What it serves is written down at its start, and not anew for everybody who asks', async () => {
  for (let times = 0; times < 3; times += 1)
    expect((await call(house, '/openapi.json', { method: 'GET' })).status).toBe(200);
  const made = vi.mocked(openApiDocument).mock.calls.filter(([of]) => of === 'gateway');
  expect(made).toHaveLength(1);
});

test('Without a warden it is alive and not ready', async () => {
  await house.publisher.pause();
  const ready = async () => (await call(house, '/readyz', { method: 'GET' })).status;
  await expect.poll(ready).toBe(503);
  expect((await call(house, '/livez', { method: 'GET' })).status).toBe(200);
  house.publisher.resume();
  await expect.poll(ready, { timeout: 10_000 }).toBe(200);
});

test('Anything else is nothing', async () => {
  for (const path of ['/', '/v1/other', '/api/v1/requests', '/t'])
    expect((await call(house, path, { method: 'GET' })).body.detail).toBe('There is nothing here.');
});
