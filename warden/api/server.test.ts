import { request as raw } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { GATEWAY_ANSWERS } from '#lib/http/openapi';
import {
  addTarget,
  approve,
  callWarden as call,
  file,
  type House,
  newAgent,
  openHouse,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from '#testing/warden';

let house: House;
let agent: TestAgent;
let targetId: string;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  targetId = await addTarget(house, serviceConfig(serviceToken()));
});
afterAll(() => house.close());

const ready = async () =>
  approve(house, await file(house, agent, targetId, { resources: ['deploy/api'], verbs: ['start'] }));

/** A request as no client makes it. */
function send(options: {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Of another gateway that goes by the same name. */
  at?: number;
}): Promise<{ status: number; body: string }> {
  const { port } = new URL(house.warden.origins.agent);
  const { path, method = 'POST', headers = {}, body, at = port } = options;
  return new Promise((resolve, reject) => {
    const sent = raw(
      { host: '127.0.0.1', port: at, path, method, headers: { host: `localhost:${port}`, ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('To a browser the gateway is nothing', () => {
  test.each([
    ['/livez', 200],
    ['/.well-known/jwks.json', 200],
    ['/v1/introspect', 404],
    ['/', 404],
    ['/index.html', 404],
    [`/v1/grants/grn_${'0'.repeat(20)}`, 401],
  ])('%s is never HTML, never stored, sandboxed, and sets no cookie', async (path, status) => {
    const answer = await call(house, path, { method: 'GET' });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    expect(answer.headers.get('content-type')).toMatch(/^application\/(problem\+)?json$/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each(['evil.example', 'localhost', 'localhost:3000', '127.0.0.1'])(
    'Under the name %s it does nothing (T19, T57)',
    async (host) => {
      const { status } = await send({ path: '/.well-known/jwks.json', method: 'GET', headers: { host } });
      expect(status).toBe(400);
    },
  );
});

describe('What it reads', () => {
  const json = { 'content-type': 'application/json' };
  const auth = { authorization: '' };
  beforeAll(() => {
    auth.authorization = `Bearer ${agent.collect}`;
  });

  test.each<[string, string | Buffer, Record<string, string>, number]>([
    ['the same key twice (T22)', '{"token":"a","token":"b"}', json, 400],
    ['a key that is a prototype', '{"__proto__":{"token":"a"}}', json, 400],
    ['a token that is no string (T63)', '{"token":{"$ne":1}}', json, 400],
    ['a list', '["token"]', json, 400],
    ['nothing', '', json, 400],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), json, 400],
    ['a field of the form twice', 'token=a&token=b', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
    ['text', 'token=a', { 'content-type': 'text/plain' }, 415],
    ['something compressed (T68)', 'x', { ...json, 'content-encoding': 'gzip' }, 415],
    ['a body past the limit (T49)', `{"token":"${'x'.repeat(20_000)}"}`, json, 413],
  ])('%s is refused', async (_what, body, headers, status) => {
    expect((await send({ path: '/v1/revoke', headers: { ...auth, ...headers }, body })).status).toBe(status);
  });

  test('A caller that hangs up in the middle of a body, or sends no HTTP at all, takes nothing down', async () => {
    const port = Number(new URL(house.warden.origins.agent).port);
    for (const text of [
      `POST /v1/revoke HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-length: 100\r\n\r\n{"tok`,
      'nonsense\r\n\r\n',
    ]) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => void socket.write(text, () => resolve()));
      socket.destroy();
    }
    expect((await call(house, '/livez', { method: 'GET' })).status).toBe(200);
  });

  test('Collecting takes no body but an empty one', async () => {
    const path = `/v1/grants/${await ready()}/credential`;
    expect((await send({ path, headers: { ...auth, ...json }, body: '{"ttlSeconds":86400}' })).status).toBe(400);
    expect((await send({ path, headers: { ...auth, ...json }, body: '{}' })).status).toBe(200);
  });

  test.each([
    '/v1/grants/%67rn_00000000000000000000',
    '/v1/grants/../grants/x',
    '/v1//introspect',
    '/V1/introspect',
    '/v1/introspect/',
    '/v1/introspect?x=1',
  ])('The path %s is another path (T50)', async (path) => {
    expect((await send({ path, headers: auth })).status).toBe(404);
  });

  test.each(['x-http-method-override', 'x-forwarded-host', 'x-original-url', 'x-forwarded-user'])(
    'The header %s changes nothing (T53, T55)',
    async (name) => {
      expect((await send({ path: '/v1/revoke', method: 'GET', headers: { ...auth, [name]: 'POST' } })).status).toBe(
        404,
      );
    },
  );
});

describe('Trying tokens', () => {
  test('is slowed down, and locks nobody out who has one', async () => {
    const tries = await Promise.all(
      Array.from({ length: 60 }, () =>
        call(house, '/v1/revoke', { token: serviceToken(), body: new URLSearchParams({ token: 'x' }) }),
      ),
    );
    expect(tries.filter(({ status }) => status === 429).length).toBeGreaterThan(20);
    expect(tries.find(({ status }) => status === 429)?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(
      (await call(house, '/v1/revoke', { token: agent.token, body: new URLSearchParams({ token: 'x' }) })).status,
    ).toBe(200);
  });
});

describe('Reading a grant', () => {
  test('An agent sees where its grant stands', async () => {
    const grantId = await ready();
    const read = () => call(house, `/v1/grants/${grantId}`, { method: 'GET', token: agent.token });
    const { body } = await read();
    expect(body).toMatchObject({ id: grantId, state: 'ready', expiresAt: null, stillLive: null });
    expect(GATEWAY_ANSWERS.CollectableGrant.parse(body)).toEqual(body);
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    expect((await read()).body).toMatchObject({ state: 'ending', endReason: 'revoked' });
  });
});

describe('Health', () => {
  test('Ready means that the database answers and the chain holds', async () => {
    expect((await call(house, '/readyz', { method: 'GET' })).status).toBe(200);
    await house.owner.$executeRaw`ALTER TABLE chain RENAME TO hidden`;
    expect((await call(house, '/readyz', { method: 'GET' })).status).toBe(503);
    expect((await call(house, '/livez', { method: 'GET' })).status).toBe(200);
    await house.owner.$executeRaw`ALTER TABLE hidden RENAME TO chain`;
    await expect.poll(async () => (await call(house, '/readyz', { method: 'GET' })).status).toBe(200);
  });
});
