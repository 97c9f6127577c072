import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { httpConfig } from '#testing/provider';
import { addTarget, allowRest, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';

/*
 * Requests as no client makes them, to the gateway that runs: what it lets
 * through must reach the provider as exactly what was classified, and the rest must
 * not reach it at all (T49, T51, T52).
 */

let house: House;
let provider: Server;
let agent: TestAgent;
let host: string;
/** All bytes that reached the provider. */
let arrived = '';

beforeAll(async () => {
  house = await openHouse();
  provider = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      arrived += chunk.toString('latin1');
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
  });
  await new Promise<void>((resolve) => void provider.listen(0, '127.0.0.1', resolve));
  const { port } = provider.address() as { port: number };
  const config = httpConfig(`http://127.0.0.1:${port}/`, { opens: ['GET /v1/things'] });
  agent = await newAgent(house);
  await allowRest(house, agent, await addTarget(house, config, 'canary-of-the-raw-provider'));
  host = new URL(house.origins.gateway).host;
});
afterAll(async () => {
  await house.close();
  provider.close();
});
beforeEach(() => {
  arrived = '';
});

/** Everything the gateway answers to these bytes, until it hangs up or has been still for a while. */
function send(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(house.origins.gateway).port), '127.0.0.1');
    let seen = '';
    socket.setTimeout(1_500, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(seen));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}

const headed = (line: string, headers: readonly string[] = [], body = ''): string =>
  [line, `Host: ${host}`, `Authorization: Bearer ${agent.token}`, ...headers, '', body].join('\r\n');

const GET = 'GET /t/internal-api/v1/things HTTP/1.1';
const POST = 'POST /t/internal-api/v1/things HTTP/1.1';
const HIDDEN = 'DELETE /v1/things HTTP/1.1\r\nHost: x\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked';

const statusesOf = (answer: string): string[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => code ?? '');

/** What reached the provider: request lines. */
const linesOf = (bytes: string): string[] => bytes.match(/^[A-Z]+ \S+ HTTP\/1\.[01]$/gm) ?? [];

describe('Nothing reaches the provider of', () => {
  test.each<[string, () => string]>([
    ['two lengths that differ', () => headed(GET, ['Content-Length: 0', `Content-Length: ${HIDDEN.length}`], HIDDEN)],
    ['two lengths that agree', () => headed(GET, ['Content-Length: 2', 'Content-Length: 2'], 'ab')],
    ['a list of lengths', () => headed(GET, ['Content-Length: 2, 2'], 'ab')],
    ['a length with a sign', () => headed(GET, ['Content-Length: +2'], 'ab')],
    ['a length and a coding', () => headed(GET, ['Content-Length: 5', CHUNKED], `0\r\n\r\n${HIDDEN}`)],
    ['a coding and a length', () => headed(GET, [CHUNKED, 'Content-Length: 5'], `0\r\n\r\n${HIDDEN}`)],
    ['gzip, chunked', () => headed(GET, ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n')],
    ['chunked, identity', () => headed(GET, ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n')],
    ['chunked twice in one', () => headed(GET, ['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n')],
    ['chunked twice', () => headed(GET, [CHUNKED, CHUNKED], '0\r\n\r\n')],
    ['xchunked', () => headed(GET, ['Transfer-Encoding: xchunked'], '0\r\n\r\n')],
    ['a coding in quotes', () => headed(GET, ['Transfer-Encoding: "chunked"'], '0\r\n\r\n')],
    ['a blank before a colon', () => headed(GET, ['Transfer-Encoding : chunked'], '0\r\n\r\n')],
    ['a header on two lines', () => headed(GET, ['X-A: b', ' Transfer-Encoding: chunked'], '0\r\n\r\n')],
    ['a line that ends in CR alone', () => headed(GET, ['X-A: b\rTransfer-Encoding: chunked'], '0\r\n\r\n')],
    ['a NUL in a header', () => headed(GET, ['X-A: b\0c'])],
    ['two hosts', () => headed(GET, [`Host: ${host}`])],
    ['two tokens', () => headed(GET, [`Authorization: Bearer ${agent.token}`])],
    ['two proofs', () => headed(GET, ['DPoP: a', 'DPoP: b'])],
    ['two preferences', () => headed(GET, ['Prefer: wait=1', 'Prefer: wait=2'])],
    ['no host', () => `${GET}\r\nAuthorization: Bearer ${agent.token}\r\n\r\n`],
    ['another protocol', () => headed(GET, ['Connection: Upgrade', 'Upgrade: websocket'])],
    ['an expectation nobody knows', () => headed(GET, ['Expect: the-unexpected'])],
    ['an absolute form', () => headed(GET.replace(' /', ` http://${host}/`))],
    ['an absolute form of another host', () => headed(GET.replace(' /', ' http://evil.example/'))],
    ['OPTIONS *', () => headed('OPTIONS * HTTP/1.1')],
    ['CONNECT', () => headed('CONNECT /t/internal-api/v1/things HTTP/1.1')],
    ['TRACE', () => headed(GET.replace('GET', 'TRACE'))],
    ['a method in small letters', () => headed(GET.replace('GET', 'get'))],
    ['HTTP/0.9', () => 'GET /t/internal-api/v1/things\r\n\r\n'],
    ['HTTP/2.0 in words', () => headed(GET.replace('1.1', '2.0'))],
    ['a head past all measure', () => headed(GET, [`X-A: ${'a'.repeat(20_000)}`])],
    ['a write', () => headed(POST, ['Content-Length: 2'], '{}')],
  ])('%s', async (_what, bytes) => {
    const answer = await send(bytes());
    expect(arrived).toBe('');
    expect(statusesOf(answer).filter((code) => code.startsWith('2'))).toEqual([]);
    // Whoever refuses it, node or we: to a browser it is nothing.
    if (answer !== '') expect(answer.toLowerCase()).toContain('content-security-policy: sandbox');
  });
});

describe('As exactly what was classified arrives', () => {
  test.each<[string, () => string]>([
    ['a plain read', () => headed(GET)],
    ['a read that calls itself HTTP/1.0', () => headed(GET.replace('1.1', '1.0'))],
    ['a read with a length of nothing, and bytes behind it', () => headed(GET, ['Content-Length: 0'], HIDDEN)],
    ['a read whose body is a request', () => headed(GET, [`Content-Length: ${HIDDEN.length}`], HIDDEN)],
    [
      'a read whose chunk is a request',
      () => headed(GET, [CHUNKED], `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`),
    ],
    ['a read with a coding in capitals', () => headed(GET, ['Transfer-Encoding: CHUNKED'], '0\r\n\r\n')],
    [
      'a read whose headers want to be another call',
      () =>
        headed(GET, [
          'X-HTTP-Method-Override: GET',
          'X-Original-URL: /v1/secrets',
          'Connection: close, Authorization',
          'TE: trailers',
        ]),
    ],
  ])('%s', async (_what, bytes) => {
    await send(bytes());
    // One line at most, and no other: what hid in a body is framed as one.
    const lines = linesOf(arrived).filter((line) => line !== 'DELETE /v1/things HTTP/1.1');
    expect(new Set(lines)).toEqual(arrived === '' ? new Set() : new Set(['GET /v1/things HTTP/1.1']));
    if (arrived.includes('DELETE')) expect(arrived).toMatch(FRAMED);
    expect(arrived).not.toContain(agent.token);
    expect(arrived.toLowerCase()).not.toMatch(/override|x-original-url|^te:/m);
  });

  /** The hidden one with its length before it, or as a chunk. */
  const FRAMED = new RegExp(
    `content-length: ${HIDDEN.length}\\r\\n[^]*\\r\\n\\r\\nDELETE|transfer-encoding: chunked\\r\\n[^]*\\r\\n\\r\\n[0-9a-f]+\\r\\nDELETE`,
    'i',
  );
});
