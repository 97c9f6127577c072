import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePorts } from './ports';

/* The documented example for one host name, run by the real Caddy, in front of two small servers that say what arrived. */

const present = spawnSync('caddy', ['version']).status === 0;
if (!present) console.warn('SKIPPED: caddy is not on this machine (Debian: apt-get install caddy).');

describe.skipIf(!present)('Behind the real Caddy, under one host name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-one-host-'));
  const servers: Server[] = [];
  let proxy: ChildProcess;
  let port: number;

  beforeAll(async () => {
    const [gateway, warden] = [await serving('gateway'), await serving('warden')];
    port = await freePorts(1);
    const config = readFileSync('docs/examples/one-host.Caddyfile', 'utf8')
      .replace('127.0.0.1:8000', `127.0.0.1:${port}`)
      .replaceAll('reverse_proxy 127.0.0.1:3200', `reverse_proxy 127.0.0.1:${gateway}`)
      .replace(/reverse_proxy 127\.0\.0\.1:3300/, `reverse_proxy 127.0.0.1:${warden}`);
    writeFileSync(join(folder, 'Caddyfile'), config);
    const args = ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')];
    const env = { PATH: process.env['PATH'], HOME: folder, NODE_ENV: 'test' as const };
    proxy = spawn('caddy', args, { env, stdio: 'ignore' });
    await vi.waitFor(() => ask('/'), { timeout: 20_000, interval: 50 });
  });
  afterAll(async () => {
    proxy.kill('SIGTERM');
    await once(proxy, 'exit');
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  async function serving(name: string): Promise<number> {
    const server = createServer(({ method, url, headers }, answer) => {
      answer.end(`${name}: ${method} ${url} for ${headers.host}`);
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** The path as it stands: fetch would tidy it up. */
  function ask(path: string, method = 'GET'): Promise<string> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method }, (answer) => {
        let text = '';
        answer.on('data', (part: Buffer) => (text += part.toString()));
        answer.on('end', () => resolve(answer.statusCode === 200 ? text : String(answer.statusCode)));
      })
        .on('error', reject)
        .end();
    });
  }

  test.each([
    ['POST', '/t/railway'],
    ['GET', '/t/site/contents/src%2Fa.ts?ref=main&x=%20'],
    ['GET', '/v1/authorize/my-service'],
  ])('%s %s goes to the gateway, as it came', async (method, path) => {
    expect(await ask(path, method)).toBe(`gateway: ${method} ${path} for 127.0.0.1:${port}`);
  });

  test.each([
    ['POST', '/v1/grants/grn_1/credential'],
    ['GET', '/v1/targets/sample/rest'],
    ['POST', '/v1/introspect'],
    ['POST', '/v1/revoke'],
    ['GET', '/.well-known/jwks.json'],
    ['GET', '/openapi.json'],
    ['GET', '/v1/authorized'],
  ])('%s %s goes to the warden, as it came', async (method, path) => {
    expect(await ask(path, method)).toBe(`warden: ${method} ${path} for 127.0.0.1:${port}`);
  });

  test('Each of the two documents is found, and nothing else is renamed', async () => {
    expect(await ask('/gateway/openapi.json')).toBe(`gateway: GET /openapi.json for 127.0.0.1:${port}`);
    for (const path of ['/gateway/t/railway', '/gateway/readyz', '/gateway/openapi.json/x'])
      expect(await ask(path)).toBe('404');
  });

  test.each(['/', '/readyz', '/livez', '/setup', '/api/sign', '/t'])('%s is nobody’s', async (path) => {
    expect(await ask(path)).toBe('404');
  });
});
