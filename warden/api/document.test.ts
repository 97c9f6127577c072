import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '#lib/http/openapi';
import { type CallOptions, callWarden as call, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';
import { ROUTES } from './routes';

/*
 * The document of the agents' API and the API itself, held against each other.
 */

const { paths = {} } = openApiDocument('agent', 'https://agents.example');

interface Documented {
  readonly method: string;
  /** With names that are well formed and belong to nothing. */
  readonly path: string;
  readonly open: boolean;
  readonly statuses: readonly string[];
}

const DOCUMENTED: readonly Documented[] = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item as Record<string, { security: unknown[]; responses: object }>).map(
    ([method, { security, responses }]) => ({
      method: method.toUpperCase(),
      path: path.replace('{id}', `grn_${'0'.repeat(20)}`).replace('{name}', 'nothing'),
      open: security.length === 0,
      statuses: Object.keys(responses),
    }),
  ),
);

test('Every route is in the document, and the document has no other', () => {
  const routes = ROUTES.map(({ method, path }) => `${method} ${path.source}`);
  const described = DOCUMENTED.map(
    ({ method, path }) =>
      ROUTES.filter((route) => route.method === method && route.path.test(path)).map(
        (route) => `${method} ${route.path.source}`,
      )[0] ?? `${method} ${path} is no route`,
  );
  expect(routes.length).toBeGreaterThan(5);
  expect(described.sort()).toEqual(routes.sort());
});

describe('At the warden', () => {
  let house: House;
  let agent: TestAgent;
  beforeAll(async () => {
    house = await openHouse();
    agent = await newAgent(house);
  });
  afterAll(() => house.close());

  test('anybody may read it, without a token, in the name of this origin', async () => {
    const { status, headers, body } = await call(house, '/openapi.json', { method: 'GET' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(body.servers).toEqual([{ url: house.origins.agent }]);
    expect(body).toEqual(JSON.parse(JSON.stringify(openApiDocument('agent', house.origins.agent))));
  });

  test.each(DOCUMENTED.filter(({ open }) => open))('$method $path answers 200 to anybody', async ({ method, path }) => {
    await expect.poll(async () => (await call(house, path, { method })).status, { timeout: 10_000 }).toBe(200);
  });

  const json = { 'content-type': 'application/json' };
  const BODIES: readonly CallOptions[] = [
    { body: 'text', headers: { 'content-type': 'text/plain' } },
    { body: '{"token":', headers: json },
    { body: '[]', headers: json },
    { body: JSON.stringify({ token: 'x'.repeat(20_000) }), headers: json },
    { body: new URLSearchParams({ token: 'x' }) },
  ];

  test.each(DOCUMENTED.filter(({ open }) => !open))(
    '$method $path answers only with statuses that the document has for it',
    async ({ method, path, statuses }) => {
      expect((await call(house, path, { method })).status).toBe(401);
      expect(statuses).toContain('401');
      for (const how of method === 'GET' ? [{}] : [{}, ...BODIES]) {
        const { status, text } = await call(house, path, { method, token: agent.token, ...how });
        expect(statuses, text).toContain(String(status));
      }
    },
  );
});
