import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, connectTo, door, get, provider, SECRET, wayTo } from '#testing/upstream';
import { inertType } from './headers';

/*
 * T52: what of an agent's headers reaches the provider, and what of the provider's
 * reaches the agent. The lists are exact: what is not on them was not sent.
 */

afterEach(closeAll);

const IDENTITY = [
  ...['Forwarded: for=1.2.3.4', 'X-Forwarded-For: 1.2.3.4', 'X_Forwarded_For: 1.2.3.4', 'x-forwarded-host: evil'],
  ...['X-Forwarded-Proto: https', 'X-Forwarded-User: root', 'X-Forwarded-Email: a@b', 'X-Forwarded-Groups: admin'],
  ...['X-Real-IP: 1.2.3.4', 'X_REAL_IP: 1.2.3.4', 'X-Client-IP: 1', 'True-Client-IP: 1', 'CF-Connecting-IP: 1'],
  ...['X-Auth-Request-User: root', 'X_Auth_Request_User: root', 'Remote-User: root', 'REMOTE_USER: root', 'X-User: r'],
  ...['Cookie: a=b', 'Proxy-Authorization: Basic eA==', 'Proxy-Connection: keep-alive', 'Proxy: http://evil'],
  ...['Authorization: Bearer agent', 'AUTHORIZATION_: x', 'X-Api-Key: agent', 'X_Api_Key: agent', 'DPoP: proof'],
  ...['TE: trailers', 'Trailer: x', 'Upgrade: h2c', 'HTTP2-Settings: x', 'Expect-CT: x', 'Via: 1.1 x'],
  ...['X-HTTP-Method-Override: DELETE', 'X-Original-URL: /admin', 'X-Rewrite-URL: /admin', 'Origin: https://evil'],
  ...['Referer: https://evil', 'Range: bytes=0-9', 'If-Range: "x"', 'Prefer: wait=9', 'Accept-Encoding: gzip, br'],
];

/** What the provider saw, sent by a client that may write anything. */
async function sent(lines: readonly string[], more: Parameters<typeof wayTo>[1] = {}, target = '/') {
  const { url, seen } = await provider((_, response) => response.end('ok'));
  const agent = connectTo((await door(wayTo(url, more))).port);
  agent.write(`GET ${target} HTTP/1.1\r\nHost: gateway.test\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`);
  const answer = await new Promise<string>((resolve) => agent.once('data', (bytes) => resolve(bytes.toString())));
  const request = seen[0];
  const names = request?.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return { answer, names: names?.sort(), headers: request?.headers, path: request?.url, port: new URL(url).host };
}

const ALWAYS = ['accept-encoding', 'authorization', 'connection', 'host', 'user-agent'];

describe('to the provider', () => {
  test('of every head that says who somebody is, in every spelling, none arrives', async () => {
    const { names, headers, port } = await sent([...IDENTITY, 'Connection: keep-alive, authorization, cookie']);
    expect(names).toEqual(ALWAYS);
    expect(headers).toMatchObject({
      host: port,
      authorization: `Bearer ${SECRET}`,
      'accept-encoding': 'identity',
      connection: 'keep-alive',
      'user-agent': 'countersign',
    });
  });

  test('what a client needs arrives, and nothing beside it', async () => {
    const { names, headers } = await sent([
      'Accept: text/csv',
      'If-None-Match: "1"',
      'User-Agent: agent/1',
      'X-Other: 1',
    ]);
    expect(names).toEqual([...ALWAYS, 'accept', 'if-none-match'].sort());
    expect(headers).toMatchObject({ accept: 'text/csv', 'user-agent': 'agent/1' });
  });

  test('the secret goes in the head the owner named, and the agent’s own of that name does not', async () => {
    const place = { place: 'header', name: 'X-Api-Key' } as const;
    const { names, headers } = await sent(['X-Api-Key: mine', 'X_Api_Key: mine', 'Authorization: Bearer mine'], {
      secretIn: place,
    });
    expect(names).toEqual([...ALWAYS.filter((name) => name !== 'authorization'), 'x-api-key'].sort());
    expect(headers?.['x-api-key']).toBe(SECRET);
  });

  test.each(['/', '/?', '/?a=1', '/?akey=1&keys=2'])('the secret goes in the query of %s', async (target) => {
    const { names, path } = await sent([], { secretIn: { place: 'query', name: 'key' } }, target);
    expect(names).toEqual(ALWAYS.filter((name) => name !== 'authorization'));
    expect(new URL(path ?? '', 'http://x').searchParams.getAll('key')).toEqual([SECRET]);
  });

  test.each([
    ...[
      'key=1',
      'KEY=1',
      'a=1&key=2',
      'a=1;key=2',
      'key',
      'k%65y=1',
      'key[]=1',
      'key%5B%5D=1',
      'key[a]=1',
      'key%5ba=1',
    ],
    ...['+key=1', '%20key=1', 'key%20=1', 'key%00=1', 'key%00x=1', 'key.=1', '.key=1', '_key=1', 'k%EF%BD%85y=1'],
  ])('an agent that says the secret’s parameter itself, as ?%s, is refused', async (query) => {
    const { answer, path } = await sent([], { secretIn: { place: 'query', name: 'key' } }, `/?${query}`);
    expect(answer).toContain('invalid_request');
    expect(path).toBeUndefined();
  });

  test('an api_key in brackets, dots or dashes is the owner’s too', async () => {
    for (const query of ['api_key=1', 'api.key=1', 'api%20key=1', 'api-key[]=1', 'API_KEY=1']) {
      const { answer } = await sent([], { secretIn: { place: 'query', name: 'api_key' } }, `/?${query}`);
      expect(answer).toContain('invalid_request');
    }
  });
});

describe('bytes that end a line', () => {
  test.each(['a\r\nX-Evil: 1', 'a\nX-Evil: 1', 'a\0b', 'é', '\u010a', '\u{1f600}'])(
    'in a head are refused, and nothing is sent: %j (T54)',
    async (value) => {
      const { url, seen } = await provider((_, response) => response.end());
      const { upstream } = wayTo(url);
      const call = { operation: get('/'), headers: new Map([['accept', value]]) };
      await expect(upstream.call(call)).rejects.toMatchObject({ code: 'invalid_request' });
      expect(seen).toEqual([]);
    },
  );

  test.each(['/a\r\nX-Evil: 1', '/a HTTP/1.1\r\nHost: evil\r\n\r\n', '/a\nb', '/\u010a', '/a b', '/é'])(
    'in a path never make a second line: %j (T54)',
    async (path) => {
      const { url, seen } = await provider((_, response) => response.end());
      const { upstream } = wayTo(url);
      await upstream.call({ operation: get(path) }).catch(() => undefined);
      for (const one of seen) expect(one.headers).not.toHaveProperty('x-evil');
      expect(seen.length).toBeLessThan(2);
      for (const one of seen) expect(one.headers.host).toBe(new URL(url).host);
    },
  );
});

describe('to the agent', () => {
  /** The answer as the agent sees it. */
  async function answered(sent: Record<string, string | string[]>) {
    const { url } = await provider((_, response) => response.writeHead(200, sent).end('ok'));
    const way = wayTo(url);
    const { headers } = await fetch((await door(way)).url);
    return { headers, ...way };
  }

  test('no cookie, no policy, no range and no server’s name comes back', async () => {
    const { headers } = await answered({
      'set-cookie': ['session=1', 'b=2'],
      'Set-Cookie2': 'a=1',
      'access-control-allow-origin': '*',
      'content-security-policy': "default-src 'unsafe-inline'",
      'www-authenticate': 'Basic',
      'clear-site-data': '"*"',
      'accept-ranges': 'bytes',
      'content-range': 'bytes 0-1/2',
      'x-request-id': 'theirs',
      server: 'nginx',
      refresh: '0;url=https://evil',
      etag: '"1"',
    });
    const names = [...headers.keys()].filter((name) => !['date', 'connection', 'keep-alive'].includes(name)).sort();
    expect(names).toEqual(['content-type', 'etag', 'transfer-encoding', 'x-extra', 'x-upstream-request-id']);
  });

  test('the secret is taken out of every head that passes', async () => {
    const { headers, leaks } = await answered({
      etag: `"${SECRET}"`,
      'x-request-id': encodeURIComponent(SECRET),
      'content-type': `text/plain; charset=${SECRET}`,
    });
    expect(JSON.stringify([...headers])).not.toMatch(/canary|4f1d/);
    expect(leaks).toHaveLength(3);
  });

  test('what has no type is plain text', async () => {
    expect((await answered({})).headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test.each([
    ...['text/html', 'text/plain;x, text/html', 'text/plain, text/html', 'application/json,text/html', 'image/svg+xml'],
    ...[
      'application/xhtml+xml',
      'text/xml',
      'text/javascript',
      'multipart/x-mixed-replace',
      'text/plainhtml',
      '',
      '*/*',
    ],
  ])('%s is passed on as text', (type) => {
    expect(inertType(type)).toBe('text/plain; charset=utf-8');
  });

  test.each(['application/json', 'application/vnd.github+json; charset=utf-8', 'text/event-stream', 'image/png'])(
    '%s is passed on as it is',
    (type) => {
      expect(inertType(type)).toBe(type);
    },
  );
});
