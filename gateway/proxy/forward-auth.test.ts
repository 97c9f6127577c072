import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request as raw } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePorts } from '#scripts/installation';
import {
  addUpstream,
  type CastUpstream,
  type Cloud,
  graphqlConfig,
  graphqlUpstream,
  httpConfig,
  httpUpstream,
} from '#testing/provider';
import { allowRest, approve, collect, file, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';
import { addressesIn } from './forward-auth';

/*
 * A proxy that is in place already asks the gateway whether a call may pass. The
 * examples of the documentation, run by the real nginx and the real Caddy.
 */

let house: House;
let service: Awaited<ReturnType<typeof httpUpstream>>;
let cloud: CastUpstream<Cloud>;
let agent: TestAgent;
let stranger: TestAgent;
let serviceId: string;

beforeAll(async () => {
  house = await openHouse();
  service = await httpUpstream([['/v1/things', [{ id: 1 }]]]);
  cloud = await graphqlUpstream();
  agent = await newAgent(house);
  stranger = await newAgent(house);
  const opened = { name: 'my-service', opens: ['GET /v1/things', 'GET /v1/things/**'] };
  serviceId = await addUpstream(house, httpConfig(service.url, opened), service.secret);
  await addUpstream(house, graphqlConfig(cloud.url, { profile: 'generic-graphql' }), cloud.secret);
  await allowRest(house, agent, serviceId);
});
afterAll(async () => {
  await Promise.all([service.close(), cloud.close()]);
  await house.close();
});
beforeEach(() => {
  service.received.length = 0;
  service.changes.length = 0;
  service.world.set('/v1/things/3', { id: 3 });
});

interface Asked {
  readonly target?: string;
  readonly token?: string | null;
  readonly from?: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
}

interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What a proxy sends, from whatever address of this machine. */
function ask({ target = 'my-service', token = agent.token, from = '127.0.0.1', headers }: Asked): Promise<Told> {
  const { port, host } = new URL(house.origins.gateway);
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  return send({
    ...{ host: '127.0.0.1', port, localAddress: from, path: `/v1/authorize/${target}` },
    headers: { host, ...authorization, ...headers },
  });
}

function send(options: RequestOptions, body = ''): Promise<Told> {
  return new Promise((resolve, reject) => {
    raw(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    })
      .on('error', reject)
      .end(body);
  });
}

const nginxSays = (method: string, uri: string) => ({ 'x-original-method': method, 'x-original-uri': uri });
const caddySays = (method: string, uri: string) => ({ 'x-forwarded-method': method, 'x-forwarded-uri': uri });

async function granted(ask: { resources: string[]; verbs: string[]; maxUses?: number }) {
  const grantId = await approve(house, await file(house, agent, serviceId, ask));
  const { body } = await collect(house, grantId, { token: agent.collect });
  return { grantId, token: body.credential.accessToken as string };
}

describe('What a proxy is told', () => {
  test.each([
    ['nginx', nginxSays],
    ['Caddy and Traefik', caddySays],
  ])('in the spelling of %s: a safe read may pass, and whose it is', async (_proxy, says) => {
    const told = await ask({ headers: says('GET', '/v1/things?limit=1') });
    expect(told.status).toBe(204);
    expect(told.headers).toMatchObject({ 'x-countersign-agent': agent.id, 'x-countersign-grant': 'none' });
    expect(service.received).toEqual([]);
  });

  test.each([
    ['POST', '/v1/things', 'write'],
    ['DELETE', '/v1/things/1', 'destructive'],
    ['GET', '/v1/secrets', 'write'],
    ['GET', '/v1/things?_method=DELETE', 'write'],
  ])('%s %s may not, and the refusal says how to ask', async (method, uri, level) => {
    const told = await ask({ headers: nginxSays(method, uri) });
    expect(told.status).toBe(403);
    const problem = JSON.parse(told.text);
    expect(problem).toMatchObject({ code: 'elevation_required', judged: { class: level } });
    expect(problem.request.body.target).toBe('my-service');
    // Nothing can be held open from here.
    expect(problem.wait).toBeUndefined();
    expect(told.text).not.toContain('Prefer');
    // A body the proxy did not show is not asked for word for word.
    expect('operation' in problem.request.body).toBe(method !== 'POST');
  });

  test('a grant passes what it covers, is counted, and ends with its last use', async () => {
    const { grantId, token } = await granted({ resources: ['path/v1/things/7'], verbs: ['delete'], maxUses: 1 });
    const about = { token, headers: caddySays('DELETE', '/v1/things/7') };
    expect((await ask({ token, headers: caddySays('DELETE', '/v1/things/8') })).status).toBe(403);
    const told = await ask(about);
    expect(told).toMatchObject({ status: 204, headers: { 'x-countersign-grant': grantId } });
    expect((await ask(about)).status).toBe(410);
    expect(await house.owner.grantUse.count({ where: { grantId } })).toBe(1);
  });

  test('an agent no owner has allowed, a wrong token and none are refused as at the gateway', async () => {
    const headers = nginxSays('GET', '/v1/things');
    expect((await ask({ token: stranger.token, headers })).status).toBe(403);
    expect((await ask({ token: 'cs_ask_wrong', headers })).status).toBe(401);
    expect((await ask({ token: null, headers })).status).toBe(401);
  });

  test.each([
    ['//v1/things'],
    ['/v1/../v1/things'],
    ['/v1/%2e%2e/things'],
    ['/v1%2Fthings'],
    ['/v1/things;x=1'],
    ['http://other/v1/things'],
    [''],
  ])('a URI that can be read two ways is none: %s (T50)', async (uri) => {
    expect((await ask({ headers: nginxSays('GET', uri) })).status).toBe(400);
  });

  test('GraphQL cannot be classified by its address, so it is not', async () => {
    const told = await ask({ target: 'railway', headers: nginxSays('POST', '/graphql') });
    expect(told.status).toBe(400);
    expect(told.text).toContain('/t/railway');
  });
});

describe('Whose word counts (T53)', () => {
  test.each([
    ['nothing', {}],
    ['only the method', { 'x-original-method': 'GET' }],
    ['only the URI', { 'x-original-uri': '/v1/things' }],
    ['half of each', { 'x-original-method': 'GET', 'x-forwarded-uri': '/v1/things' }],
    ['two spellings that agree', { ...nginxSays('GET', '/v1/things'), ...caddySays('GET', '/v1/things') }],
    ['a harmless one beside the real one', { ...nginxSays('GET', '/v1/things'), ...caddySays('DELETE', '/v1/things') }],
    ['the same one twice', { ...nginxSays('GET', '/v1/things'), 'x-original-uri': ['/v1/things', '/v1/secrets'] }],
  ])('%s is no question', async (_name, headers) => {
    expect((await ask({ headers })).status).toBe(400);
  });

  test('from any other address there is nothing here, whatever it says', async () => {
    const headers = { ...nginxSays('GET', '/v1/things'), 'x-forwarded-for': '127.0.0.1' };
    const told = await ask({ from: '127.0.0.9', headers });
    expect(told.status).toBe(404);
  });

  test.each([
    [['10.0.0.5'], '10.0.0.5', true],
    [['10.0.0.5'], '10.0.0.6', false],
    [['10.0.0.0/8'], '10.250.1.1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['127.0.0.1'], '::ffff:127.0.0.1', true],
    [['::1'], '::1', true],
    [['fd00::/8'], 'fd12::1', true],
    [['fd00::/8'], '10.0.0.1', false],
    [[], '127.0.0.1', false],
    [['127.0.0.1'], '', false],
  ])('%j takes %s: %s', (list, address, taken) => {
    expect(addressesIn(list)(address)).toBe(taken);
  });
});

interface RunningProxy {
  readonly port: number;
  stop(): Promise<void>;
}

const has = (command: string): boolean => spawnSync(command, ['-v']).error === undefined;

/** The example as it is documented, with this test's addresses in place of its own. */
function exampleFor(name: string, port: number): string {
  const gateway = new URL(house.origins.gateway);
  return readFileSync(`docs/examples/${name}`, 'utf8')
    .replaceAll('127.0.0.1:8000', `127.0.0.1:${port}`)
    .replaceAll('127.0.0.1:8080', new URL(service.url).host)
    .replaceAll('127.0.0.1:3200', `127.0.0.1:${gateway.port}`)
    .replaceAll('localhost:3200', gateway.host)
    .replaceAll('SECRET-OF-THE-SERVICE', service.secret);
}

async function run(command: string, args: readonly string[], folder: string, port: number): Promise<RunningProxy> {
  const child: ChildProcess = spawn('env', [`HOME=${folder}`, command, ...args], { stdio: 'ignore' });
  await vi.waitFor(() => send({ host: '127.0.0.1', port, path: '/' }), { timeout: 20_000, interval: 50 });
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        child.kill('SIGTERM');
      }),
  };
}

async function nginx(): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'));
  const port = await freePorts(1);
  for (const one of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, one));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (one) => `${one}_temp_path ${join(folder, one.replace('client_', ''))};`,
  );
  const main = `daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log ${join(folder, 'error.log')};
${process.getuid?.() === 0 ? 'user root;' : ''}
events {}
http { access_log off; ${temporary.join(' ')}
${exampleFor('forward-auth.nginx.conf', port)}
}`;
  writeFileSync(join(folder, 'nginx.conf'), main);
  return run('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'error.log')], folder, port);
}

async function caddy(): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-caddy-'));
  const port = await freePorts(1);
  writeFileSync(join(folder, 'Caddyfile'), exampleFor('forward-auth.Caddyfile', port));
  return run('caddy', ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')], folder, port);
}

for (const [name, start] of [
  ['nginx', nginx],
  ['caddy', caddy],
] as const) {
  const present = has(name);
  if (!present) console.info(`Skipped: ${name} is not on this machine (Debian: apt-get install ${name}).`);

  describe.skipIf(!present)(`Behind the real ${name}, by the documented example`, () => {
    let proxy: RunningProxy;
    beforeAll(async () => {
      proxy = await start();
    });
    afterAll(() => proxy.stop());
    afterEach(() => {
      expect(service.received.join('\n')).not.toMatch(/cs_ask_/);
    });

    const through = (
      method: string,
      path: string,
      { token = agent.token, headers = {} }: { token?: string; headers?: Record<string, string> } = {},
      body = '',
    ): Promise<Told> => {
      const { port } = proxy;
      const sent = {
        authorization: `Bearer ${token}`,
        ...headers,
        ...(body === '' ? {} : { 'content-length': body.length }),
      };
      return send({ host: '127.0.0.1', port, method, path, headers: sent }, body);
    };

    test('what is safe passes, with the service’s own secret in place of the agent’s token', async () => {
      const told = await through('GET', '/v1/things?limit=2');
      expect(told.status).toBe(200);
      expect(JSON.parse(told.text)).toEqual([{ id: 1 }]);
      expect(service.received).toEqual(['GET /v1/things?limit=2']);
    });

    test.each([
      ['DELETE', '/v1/things/1', ''],
      ['POST', '/v1/things', '{"name":"x"}'],
      ['GET', '/v1/secrets', ''],
    ])('%s %s does not, and the agent reads how to ask', async (method, path, body) => {
      const told = await through(method, path, {}, body);
      expect(told.status).toBe(403);
      const problem = JSON.parse(told.text);
      expect(problem.code).toBe('elevation_required');
      expect(problem.judged.operation).toBe(`${method} ${path}`);
      expect(service.received).toEqual([]);
    });

    test('a grant passes once what it was approved for', async () => {
      const { token } = await granted({ resources: ['path/v1/things/3'], verbs: ['delete'], maxUses: 1 });
      expect((await through('DELETE', '/v1/things/4', { token })).status).toBe(403);
      expect((await through('DELETE', '/v1/things/3', { token })).status).toBe(204);
      expect(service.changes).toEqual(['DELETE /v1/things/3']);
      expect((await through('DELETE', '/v1/things/3', { token })).status).toBeGreaterThanOrEqual(400);
      expect(service.changes).toHaveLength(1);
    });

    test('what the caller says about its own call counts for nothing (T53, T55)', async () => {
      for (const headers of [nginxSays('GET', '/v1/things'), caddySays('GET', '/v1/things')]) {
        expect((await through('DELETE', '/v1/things/1', { headers })).status).toBeGreaterThanOrEqual(400);
        // In any case under which a header may come.
        const shouted = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toUpperCase(), value]));
        expect((await through('DELETE', '/v1/things/1', { headers: shouted })).status).toBeGreaterThanOrEqual(400);
      }
      const override = { 'x-http-method-override': 'DELETE' };
      expect((await through('GET', '/v1/things/1', { headers: override })).status).toBe(403);
      expect(service.received).toEqual([]);
    });

    test('paths that two servers might read differently do not pass (T50)', async () => {
      for (const path of [
        '/v1/things/../secrets',
        '/v1/things/%2e%2e/secrets',
        '//v1/things',
        '/v1/things%2F1',
        '/v1/things/.',
      ])
        expect((await through('GET', path)).status).toBeGreaterThanOrEqual(400);
      expect(service.received).toEqual([]);
    });

    test('no token, no passage', async () => {
      const told = await through('GET', '/v1/things', { token: 'cs_ask_wrong' });
      expect(told.status).toBe(401);
      expect(service.received).toEqual([]);
    });
  });
}
