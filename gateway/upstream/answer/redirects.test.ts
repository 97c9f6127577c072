import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, door, GATEWAY, get, NAME, provider, SECRET, wayTo } from '#testing/upstream';

/*
 * T34: where an answer leads. Nothing is followed; within the provider the agent
 * may follow through the gateway, with no more than its own token; elsewhere
 * nothing leads.
 */

afterEach(closeAll);

const BASE = `${GATEWAY}/t/${NAME}`;

/** A provider below /api that answers with these headers. */
async function answering(status: number, headers: (port: number) => Record<string, string | string[]>) {
  const { port, seen } = await provider((_, response) => response.writeHead(status, headers(port)).end());
  const way = wayTo(`http://127.0.0.1:${port}/api`);
  const { url } = await door(way);
  const answer = await fetch(`${url}/things/1`, { redirect: 'manual' });
  return { answer, body: await answer.text(), seen, ...way };
}

const STATUSES = [301, 302, 303, 307, 308];

describe.each(STATUSES)('a redirect %i', (status) => {
  test.each([
    ['of the same origin', (port: number) => `http://127.0.0.1:${port}/api/things/2?page=3`, '/things/2?page=3'],
    ['by path', () => '/api/things/2', '/things/2'],
    ['relative to what was asked', () => '2', '/things/2'],
    ['by query only', () => '?page=2', '/things/1?page=2'],
    ['with a user in it', (port: number) => `http://u:p@127.0.0.1:${port}/api/x`, '/x'],
  ])('%s leads the agent back through the gateway', async (_, location, to) => {
    const { answer, seen } = await answering(status, (port) => ({ location: location(port) }));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('location')).toBe(BASE + to);
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['to another host', () => 'http://evil.test/api/x'],
    ['to another host, without a scheme', () => '//evil.test/api/x'],
    ['to another host, with backslashes', () => '\\\\evil.test\\api'],
    ['to a host that begins the same', (port: number) => `http://127.0.0.1:${port}.evil.test/api/x`],
    ['to the provider as a user name', (port: number) => `http://127.0.0.1:${port}@evil.test/api/x`],
    ['to another scheme', (port: number) => `https://127.0.0.1:${port}/api/x`],
    ['to another port', () => 'http://127.0.0.1:1/api/x'],
    ['out of the path', () => '/admin'],
    ['out of the path by dots', () => '/api/%2e%2e/admin'],
    ['beside the path', () => '/api-internal/x'],
    ['to a script', () => 'javascript:alert(1)'],
    ['nowhere', () => 'http://['],
    ['to two places', () => ['/api/a', '/api/b']],
  ])('%s is refused, and nobody is called', async (_, location) => {
    const { answer, body, seen } = await answering(status, (port) => ({ location: location(port) }));
    expect([answer.status, body]).toEqual([599, 'target_refused']);
    expect(answer.headers.get('location')).toBeNull();
    expect(seen).toHaveLength(1);
  });
});

describe('an answer that leads', () => {
  test('with the secret in it leads without', async () => {
    const { answer, leaks } = await answering(302, () => ({ location: `/api/x?t=${encodeURIComponent(SECRET)}` }));
    expect(answer.headers.get('location')).toBe(`${BASE}/x?t=[redacted]`);
    expect(leaks).toHaveLength(1);
  });

  test('from a 201 to elsewhere is passed on, and leads nowhere: what was made was made', async () => {
    const { answer } = await answering(201, () => ({ location: 'https://storage.test/x' }));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBeNull();
  });

  test('to its next page leads there through the gateway, and to no other host', async () => {
    const { answer } = await answering(200, (port) => ({
      link: [
        `<http://127.0.0.1:${port}/api/things?page=2>; rel="next", <?page=9>; title="a, <b>"; rel=last`,
        '<https://evil.test/api/things?page=3>; rel="prev", </admin>; rel="first"',
      ],
    }));
    const links = `<${BASE}/things?page=2>; rel="next", <${BASE}/things/1?page=9>; rel="last"`;
    expect(answer.headers.get('link')).toBe(links);
  });

  test('to a page with the secret’s parameter leads there without it', async () => {
    const { port } = await provider((request, response) =>
      response.writeHead(200, { link: `<http://127.0.0.1:${port}${request.url}&page=2>; rel="next"` }).end(),
    );
    const way = wayTo(`http://127.0.0.1:${port}/`, { secretIn: { place: 'query', name: 'api_key' } });
    const { url } = await door(way);
    expect((await fetch(`${url}/things?a=1`)).headers.get('link')).toBe(`<${BASE}/things?a=1&page=2>; rel="next"`);
    expect((await way.upstream.call({ operation: get('/things') })).status).toBe(200);
  });
});
