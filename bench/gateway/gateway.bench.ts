import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HttpConfig } from '#lib/targets';
import {
  addTarget,
  allowRest,
  approve,
  call,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  type TestAgent,
} from '#warden/cast';
import { type Row, report } from '../measure';
import { type Figures, load } from './load';
import { memoryOf, nginx, node, type Running } from './processes';

/* The gateway at rest and above it, against the upstream itself, a bare Node proxy and nginx, in one run. */

const [GATEWAY, SIGN, UPSTREAM, BARE, NGINX] = [21_821, 21_822, 21_823, 21_824, 21_825];
const CLIENTS = 32;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const ORIGIN = `http://localhost:${GATEWAY}`;
const SECRET = 'bench-upstream-secret-0123456789';

const target = (over: Partial<HttpConfig> = {}): HttpConfig => ({
  kind: 'http',
  name: 'bench',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  url: `http://127.0.0.1:${UPSTREAM}/`,
  secretIn: { place: 'bearer' },
  profile: 'generic-http',
  opens: ['GET /**'],
  closes: [],
  privateNetwork: true,
  maxBodyBytes: 1_048_576,
  outageSeconds: 60,
  refuseUnknown: false,
  ...over,
});

let house: House;
let agent: TestAgent;
let targetId: string;
let gateway: Running;
const running: Running[] = [];
let proxied: Running | null;

beforeAll(async () => {
  house = await openHouse({ gatewayOrigin: ORIGIN });
  agent = await newAgent(house);
  targetId = await addTarget(house, target(), SECRET);
  await allowRest(house, agent, targetId);
  running.push(await node(['bench/gateway/upstream.mjs', String(UPSTREAM)]));
  running.push(await node(['bench/gateway/bare-proxy.mjs', String(BARE), `http://127.0.0.1:${UPSTREAM}`]));
  proxied = await nginx(NGINX, UPSTREAM);
  gateway = await node(['dist/warden.mjs'], {
    WARDEN_DATABASE_URL: house.database.wardenUrl,
    WARDEN_DIR: house.dir,
    GATEWAY_ORIGIN: ORIGIN,
    SIGN_ORIGIN: `http://localhost:${SIGN}`,
    WEB_ORIGIN: 'http://localhost:21826',
    LOG_LEVEL: 'silent',
  });
});
afterAll(async () => {
  await Promise.all([...running, gateway, ...(proxied === null ? [] : [proxied])].map((one) => one.stop()));
  await house.close();
});

const bytes = (line: string, headers: Readonly<Record<string, string>>, body = ''): Buffer =>
  Buffer.from(
    `${line} HTTP/1.1\r\n${Object.entries({
      host: `localhost:${GATEWAY}`,
      ...headers,
      ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)), 'content-type': 'application/json' }),
    })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${body}`,
  );

const always = (request: Buffer) => (): Buffer => request;

async function measured(port: number, next: () => Buffer, clients = CLIENTS): Promise<Figures> {
  await load(port, next, { clients, seconds: 2 });
  return load(port, next, { clients, seconds: SECONDS });
}

const rates = (what: string, ours: Figures, bare: Figures, aim: string): Row[] => [
  { what: `${what}, requests a second`, ours: ours.rate, bare: bare.rate, unit: '/s', aim },
  { what: `${what}, p50`, ours: ours.p50, bare: bare.p50, unit: 'ms', aim: '' },
  { what: `${what}, p99`, ours: ours.p99, bare: bare.p99, unit: 'ms', aim: '' },
];

test('At rest: a small GET', async () => {
  const authorization = `Bearer ${agent.token}`;
  const request = bytes('GET /t/bench/v1/things', { authorization });
  const plain = always(bytes('GET /v1/things', { authorization: `Bearer ${SECRET}` }));
  const direct = await measured(UPSTREAM, plain);
  const bare = await measured(BARE, plain);
  const throughNginx = proxied === null ? null : await measured(NGINX, plain);
  const ours = await measured(GATEWAY, always(request));
  report('A small GET at rest, 32 clients', [
    ...rates('against a bare Node proxy', ours, bare, '≥ 0.6'),
    ...rates('against the upstream itself', ours, direct, ''),
    ...(throughNginx === null ? [] : rates('against nginx', ours, throughNginx, '')),
  ]);
  const before = memoryOf(gateway);
  await load(GATEWAY, always(request), { clients: CLIENTS, seconds: 300, most: 200_000 });
  const after = memoryOf(gateway);
  report('Memory of the gateway over 200,000 requests', [
    { what: 'resident', ours: after, bare: before, unit: 'MiB', aim: '≤ 1.2' },
  ]);
  expect(ours.rate).toBeGreaterThan(0);
});

/** A proof a call, as RFC 9449 wants it: made before the clock runs. */
function proofs(count: number, of: { readonly token: string; readonly nonce: string; readonly url: string }): string[] {
  const header = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk })).toString('base64url');
  const ath = createHash('sha256').update(of.token).digest('base64url');
  return Array.from({ length: count }, () => {
    const payload = {
      htm: 'GET',
      htu: of.url,
      iat: Math.floor(Date.now() / 1000),
      jti: randomUUID(),
      ath,
      nonce: of.nonce,
    };
    const text = `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  });
}

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const publicJwk = pair.publicKey.export({ format: 'jwk' });

test('With an agent that proves its key on every call', async () => {
  const holder = await newAgent(house, publicJwk);
  await allowRest(house, holder, targetId);
  const url = `${ORIGIN}/t/bench/v1/things`;
  const first = await fetch(url, { headers: { authorization: `DPoP ${holder.token}` } });
  const nonce = first.headers.get('dpop-nonce') ?? '';
  const plain = always(bytes('GET /v1/things', { authorization: `Bearer ${SECRET}` }));
  const bare = await measured(BARE, plain);
  const ready = proofs(60_000, { token: holder.token, nonce, url }).map((dpop) =>
    bytes('GET /t/bench/v1/things', { authorization: `DPoP ${holder.token}`, dpop }),
  );
  const next = (): Buffer => ready.pop() ?? Buffer.alloc(0);
  await load(GATEWAY, next, { clients: CLIENTS, seconds: 2, most: 10_000 });
  const ours = await load(GATEWAY, next, { clients: CLIENTS, seconds: SECONDS, most: 45_000 });
  report('With DPoP, 32 clients', rates('against a bare Node proxy', ours, bare, '≥ 0.2'));
  expect(ours.rate).toBeGreaterThan(0);
});

test('A counted write', async () => {
  const request = { resources: ['path/v1/things'], verbs: ['post'], ttlSeconds: 3_000, maxUses: 100_000 };
  const grantId = await approve(house, await file(house, agent, targetId, request));
  const { body } = await collect(house, grantId, { token: agent.token });
  const authorization = `Bearer ${body.credential.accessToken}`;
  const write = bytes('POST /t/bench/v1/things', { authorization }, '{"name":"x"}');
  const ours = await load(GATEWAY, always(write), { clients: 16, seconds: SECONDS });
  const bare = await commits();
  report('A counted write, 16 clients, against pgbench for the same two statements', [
    { what: 'committed a second', ours: ours.rate, bare, unit: '/s', aim: '≥ 0.5' },
  ]);
  expect((await call(house, `/v1/grants/${grantId}`, { method: 'GET', token: agent.token })).body.uses).toBeGreaterThan(
    0,
  );
});

/** What the database alone commits: the same update and the same insert, without us. */
async function commits(): Promise<number> {
  const { pgbench } = await import('./pgbench');
  return pgbench(house.database.ownerUrl, SECONDS);
}
