import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '#scripts/installation';
import { httpConfig } from '#testing/provider';
import { addTarget, allowRest, type House, newAgent, openHouse } from '#testing/warden';

/*
 * One provider behind the gateway and behind a real nginx, and the same raw
 * requests to both: whatever the gateway lets through as a read has to arrive as
 * what nginx, too, takes it for (T49 to T52).
 */

const present = spawnSync('nginx', ['-v']).error === undefined;
if (!present) console.info('Skipped: nginx is not on this machine (Debian: apt-get install nginx-light).');

const SECRET = 'canary-of-the-nginx-provider';
const HIDDEN = 'DELETE /v1/things HTTP/1.1\r\nHost: x\r\n\r\n';

const TARGETS = [
  ...['/v1/things', '/v1/things/7', '/v1/things?a=1&b=%2F', '/v1/%74hings', '/v1/things/%20', '/v1/things/../x'],
  ...['/v1//things', '/v1/things/%2e%2e/x', '/v1/things/a%2Fb', '/v1/./things', '/v1/things;x=1', '/v1/things/%00'],
  ...['/v1/things#x', '/v1/things/%C3%A9', '/v1/things?', '/v1/things/a+b', '/v1/things\\..\\x', '/v1/things/%zz'],
];
const SHAPES: ReadonlyArray<readonly [headers: readonly string[], body: string]> = [
  [[], ''],
  [['Content-Length: 0'], ''],
  [['Content-Length: 5'], 'hello'],
  [[`Content-Length: ${HIDDEN.length}`], HIDDEN],
  [['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'],
  [['Transfer-Encoding: CHUNKED'], '5\r\nhello\r\n0\r\n\r\n'],
  [['Transfer-Encoding: chunked'], '5;x=y\r\nhello\r\n0\r\nX-Late: 1\r\n\r\n'],
  [['Transfer-Encoding: gzip, chunked'], '5\r\nhello\r\n0\r\n\r\n'],
  [['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
  [['Content-Length: 5', 'Content-Length: 6'], 'hello!'],
  [['Transfer-Encoding : chunked'], '0\r\n\r\n'],
  [['X-A: b', ' c: d'], ''],
  [['X-HTTP-Method-Override: DELETE'], ''],
  [['X-Original-URL: /v1/secrets'], ''],
  [['Expect: 100-continue', 'Content-Length: 5'], 'hello'],
];
const METHODS = ['GET', 'HEAD', 'get', 'POST', 'DELETE'];

describe.skipIf(!present)('The same raw requests at the gateway and at nginx (skipped where there is none)', () => {
  let house: House;
  let provider: Server;
  let nginx: ChildProcess;
  let folder: string;
  let nginxPort: number;
  let token: string;
  let arrived: string[] = [];

  beforeAll(async () => {
    house = await openHouse();
    provider = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      arrived.push(JSON.stringify([request.method, request.url, Buffer.concat(chunks).toString('latin1')]));
      response.end('ok');
    });
    const port = await listening(provider);
    const opens = ['GET /v1/things', 'GET /v1/things/**'];
    const targetId = await addTarget(house, httpConfig(`http://127.0.0.1:${port}/`, { opens }), SECRET);
    const agent = await newAgent(house);
    await allowRest(house, agent, targetId);
    token = agent.token;
    folder = mkdtempSync(join(tmpdir(), 'countersign-gateway-nginx-'));
    nginxPort = await freePorts(1);
    nginx = await started(folder, nginxPort, port);
  });
  afterAll(async () => {
    nginx?.kill('SIGTERM');
    await house?.close();
    provider?.closeAllConnections();
    provider?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** What reached the provider of these bytes, sent there. */
  async function through(port: number, host: string, bytes: string): Promise<readonly string[]> {
    arrived = [];
    await send(port, bytes.replace('HOST', host));
    return arrived;
  }

  test('what the gateway lets through arrives as a read, and as nginx reads it too', async () => {
    const gateway = new URL(house.origins.gateway);
    const faults: string[] = [];
    let passed = 0;
    for (const method of METHODS) {
      for (const [n, target] of TARGETS.entries()) {
        for (const [headers, body] of n < 2 ? SHAPES : SHAPES.slice(0, 3)) {
          const lines = [`${method} /t/internal-api${target} HTTP/1.1`, 'Host: HOST', 'Connection: close'];
          const bytes = [...lines, `Authorization: Bearer ${token}`, ...headers, '', body].join('\r\n');
          const ours = await through(Number(gateway.port), gateway.host, bytes);
          if (ours.length === 0) continue;
          passed += 1;
          const theirs = await through(nginxPort, 'localhost', bytes);
          const [sent] = JSON.parse(ours[0] ?? '[]') as string[];
          if (ours.length !== 1 || !['GET', 'HEAD'].includes(sent ?? '') || !isSame(ours[0], theirs[0]))
            faults.push(`${JSON.stringify(bytes.slice(0, 60))}: ${ours.join()} and ${theirs.join()}`);
        }
      }
    }
    console.info(`gateway and nginx: ${passed} raw reads let through; each arrived as nginx reads it`);
    expect(faults).toEqual([]);
    expect(passed).toBeGreaterThan(20);
  }, 120_000);
});

/** The same method, body and path: percent-encodings of the same bytes are one path, and a lone `?` is no query. */
function isSame(one: string | undefined, other: string | undefined): boolean {
  const read = (text: string | undefined): string => {
    const [method, url = '', body] = JSON.parse(text ?? '[]') as string[];
    const [path = '', query = ''] = url.split(/\?(.*)/s);
    return JSON.stringify([method, path.split('/').map(decodeURIComponent), query, body]);
  };
  return read(one) === read(other);
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** Resolves when the other side is done with these bytes. */
function send(port: number, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.on('close', () => resolve());
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}

async function started(folder: string, port: number, upstream: number): Promise<ChildProcess> {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  for (const one of temporary) mkdirSync(join(folder, one));
  const paths = temporary.map((one) => `${one}_temp_path ${join(folder, one)};`).join(' ');
  const conf = `daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log ${join(folder, 'log')};
${process.getuid?.() === 0 ? 'user root;' : ''}
events {}
http { access_log off; ${paths}
  server { listen 127.0.0.1:${port}; location / { return 404; }
    location /t/internal-api/ { proxy_pass http://127.0.0.1:${upstream}/; } } }
`;
  writeFileSync(join(folder, 'nginx.conf'), conf);
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'log')], {
    stdio: 'ignore',
  });
  for (let left = 200; left > 0; left -= 1) {
    if ((await fetch(`http://127.0.0.1:${port}/`).catch(() => null)) !== null) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGTERM');
  throw new Error('nginx did not start.');
}
