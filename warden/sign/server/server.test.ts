import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { challengeOf } from '#lib/statement';
import { softKey } from '#testing/security-key';
import { type Member, offered, openSignOrigin, type SignOrigin, setUp } from '#testing/sign-origin';
import { ROUTES } from './routes';

let signOrigin: SignOrigin;
let ada: Member;
beforeAll(async () => {
  signOrigin = await openSignOrigin();
  ada = await setUp(signOrigin, softKey(signOrigin.home));
});
afterAll(() => signOrigin.close());

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A request with exactly these headers, as no browser would send it. */
function raw(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(signOrigin.origin);
    const call = request(
      { hostname, port, method, path, headers: { host: `localhost:${port}`, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

const json = () => ({ origin: signOrigin.origin, 'content-type': 'application/json' });
const state = async () => ({
  drafts: await signOrigin.owner.draft.count(),
  chain: await signOrigin.owner.chainEntry.count(),
  events: await signOrigin.owner.auditEvent.count(),
  keys: await signOrigin.owner.key.count(),
});

test('every answer forbids scripts of others, frames, markup from strings, caching and cookies (T9)', async () => {
  for (const answer of [
    await raw('GET', '/readyz'),
    await raw('GET', '/nothing'),
    await raw('POST', '/api/ticket', json(), '{}'),
  ]) {
    const csp = String(answer.headers['content-security-policy']);
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ])
      expect(csp).toContain(part);
    expect(csp).not.toContain('unsafe');
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringMatching(
        /camera=\(\).* publickey-credentials-create=\(self\), publickey-credentials-get=\(self\)$/,
      ),
      'cache-control': 'no-store',
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
});

test.each(['http://localhost:3000', 'null', '', 'https://evil.example'])(
  'a POST that came from %j is refused (T8)',
  async (origin) => {
    const { status } = await raw('POST', '/api/ticket', { ...json(), origin }, '{"ticket":"xxxxxxxxxxxxxxxxxxxx"}');
    expect(status).toBe(403);
  },
);

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/json; charset=utf-16',
  '',
])('a POST as %j is refused: a form of another page can send that', async (type) => {
  const { status } = await raw(
    'POST',
    '/api/ticket',
    { ...json(), 'content-type': type },
    '{"ticket":"xxxxxxxxxxxxxxxxxxxx"}',
  );
  expect(status).toBe(415);
});

test('the server answers to its own name alone (T19, T57)', async () => {
  for (const host of ['evil.example', 'localhost', 'localhost:1'])
    expect((await raw('GET', '/review', { host })).status).toBe(400);
  expect((await raw('GET', '/readyz', { host: '10.0.0.1:80' })).status).toBe(200);
  const forwarded = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example',
  };
  const before = signOrigin.links.length;
  expect((await raw('GET', '/review', forwarded)).status).toBe(404);
  expect(signOrigin.links.length).toBe(before);
});

test.each([
  ['a key twice', '{"ticket":"aaaaaaaaaaaaaaaaaaaa","ticket":"bbbbbbbbbbbbbbbbbbbb"}', 400],
  ['a field too many', '{"ticket":"aaaaaaaaaaaaaaaaaaaa","humanId":"hum_x"}', 400],
  ['a key in other case', '{"Ticket":"aaaaaaaaaaaaaaaaaaaa"}', 400],
  ['an object for a text', '{"ticket":{}}', 400],
  ['a list', '[]', 400],
  ['null', 'null', 400],
  ['nothing', '', 400],
  ['depth', '['.repeat(30_000), 400],
  ['too much', `{"ticket":"${'a'.repeat(70_000)}"}`, 413],
])('a body with %s is refused (T22, T63, T68)', async (_name, body, status) => {
  expect((await raw('POST', '/api/ticket', json(), body)).status).toBe(status);
});

test('every call parses its body strictly: nothing, or one unknown field, is refused everywhere', async () => {
  for (const path of ROUTES.keys()) {
    expect((await raw('POST', path, json(), '{}')).status, path).toBe(400);
    expect((await raw('POST', path, json(), '{"x":1}')).status, path).toBe(400);
  }
});

test('GET and HEAD change nothing, whatever they ask for (T18)', async () => {
  await offered(signOrigin, ada, { kind: 'human.role', params: { humanId: ada.id, role: 'owner' } });
  const before = await state();
  for (const path of [
    ...ROUTES.keys(),
    '/setup',
    '/invite',
    '/enroll',
    '/target',
    '/review',
    '/review?ticket=x',
    '/../review',
    '//review',
  ]) {
    for (const method of ['GET', 'HEAD']) expect([200, 404]).toContain((await raw(method, path)).status);
  }
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])
    expect((await raw(method, '/api/sign', json())).status).toBe(404);
  expect(await state()).toEqual(before);
});

describe('what web can hand over', () => {
  test('a ticket shows; it neither decides nor writes anything but the offer', async () => {
    const before = await state();
    await offered(signOrigin, ada, { kind: 'human.role', params: { humanId: ada.id, role: 'owner' } });
    expect(await state()).toEqual({ ...before, drafts: before.drafts + 1 });
  });

  test('a ticket for somebody else’s draft opens nothing of theirs', async () => {
    const { draft, statement } = await offered(signOrigin, ada, {
      kind: 'human.role',
      params: { humanId: ada.id, role: 'owner' },
    });
    const reply = await signOrigin.post('/api/rekey', {
      draft,
      keyId: 'key_00000000000000000000',
      challenge: [...challengeOf(statement)],
    });
    expect(reply).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
  });
});

test('it says that it lives and that its database answers', async () => {
  expect((await raw('GET', '/readyz')).status).toBe(200);
  expect((await raw('GET', '/livez')).status).toBe(200);
});
