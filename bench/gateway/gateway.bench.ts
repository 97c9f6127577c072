import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256Base64url } from '#lib/core';
import type { GraphqlConfig, HttpConfig } from '#lib/targets';
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
import { schemaText } from '#warden/judge';
import { SDL } from '../../railway-simulator';
import { type Row, report } from '../measure';
import { type Figures, load } from './load';
import { cpuSecondsOf, memoryOf, nginx, node, type Running } from './processes';

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
let bareProxy: Running;
const running: Running[] = [];
let proxied: Running | null;

beforeAll(async () => {
  house = await openHouse({ gatewayOrigin: ORIGIN });
  agent = await newAgent(house);
  targetId = await addTarget(house, target(), SECRET);
  await allowRest(house, agent, targetId);
  running.push(await node(['bench/gateway/upstream.mjs', String(UPSTREAM)]));
  bareProxy = await node(['bench/gateway/bare-proxy.mjs', String(BARE), `http://127.0.0.1:${UPSTREAM}`]);
  proxied = await nginx(NGINX, UPSTREAM);
  gateway = await node(['dist/warden.mjs'], {
    WARDEN_DATABASE_URL: house.database.wardenUrl,
    WARDEN_DIR: house.dir,
    GATEWAY_ORIGIN: ORIGIN,
    SIGN_ORIGIN: house.warden.signing.origin,
    SIGN_PORT: String(SIGN),
    WEB_ORIGIN: 'http://localhost:21826',
    LOG_LEVEL: 'silent',
  });
});
afterAll(async () => {
  await Promise.all([...running, gateway, bareProxy, ...(proxied === null ? [] : [proxied])].map((one) => one.stop()));
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

/** Load on one port, and the processor time its program took a request: what a busy machine blurs least. */
interface Charged extends Figures {
  /** Microseconds; NaN where nobody asked. */
  readonly cpu: number;
}

async function measured(port: number, next: () => Buffer, of: Running | null = null, most?: number): Promise<Charged> {
  await load(port, next, { clients: CLIENTS, seconds: 2, ...(most === undefined ? {} : { most: 10_000 }) });
  const before = of === null ? Number.NaN : cpuSecondsOf(of);
  const figures = await load(port, next, {
    clients: CLIENTS,
    seconds: SECONDS,
    ...(most === undefined ? {} : { most }),
  });
  const spent = of === null ? Number.NaN : cpuSecondsOf(of) - before;
  return { ...figures, cpu: (spent / figures.count) * 1_000_000 };
}

const rates = (what: string, ours: Charged, bare: Charged, aim: string): Row[] => [
  { what: `${what}, requests a second`, ours: ours.rate, bare: bare.rate, unit: '/s', aim },
  ...(Number.isNaN(bare.cpu)
    ? []
    : [{ what: `${what}, processor time a request`, ours: ours.cpu, bare: bare.cpu, unit: 'µs', aim: '' }]),
  { what: `${what}, p50`, ours: ours.p50, bare: bare.p50, unit: 'ms', aim: '' },
  { what: `${what}, p99`, ours: ours.p99, bare: bare.p99, unit: 'ms', aim: '' },
];

test('At rest: a small GET', async () => {
  const authorization = `Bearer ${agent.token}`;
  const request = bytes('GET /t/bench/v1/things', { authorization });
  const plain = always(bytes('GET /v1/things', { authorization: `Bearer ${SECRET}` }));
  const direct = await measured(UPSTREAM, plain);
  const bare = await measured(BARE, plain, bareProxy);
  const throughNginx = proxied === null ? null : await measured(NGINX, plain);
  const ours = await measured(GATEWAY, always(request), gateway);
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

/** 1 KiB of ordinary reading, the same text each time, as clients send it. */
const QUERY = `query Overview {
${Array.from({ length: 9 }, (_, index) => `  part${index}: project(id: "project-${index}") {\n    id\n    name\n    volumes {\n      edges {\n        node {\n          id\n          name\n        }\n      }\n    }\n  }`).join('\n')}
}`;

test('At rest: a GraphQL query of 1 KiB', async () => {
  const sdl = schemaText(introspectionFromSchema(buildSchema(SDL), { descriptions: false }));
  const hash = sha256Base64url(sdl);
  await house.warden.db.targetSchema.createMany({ data: [{ hash, sdl }], skipDuplicates: true });
  const config: GraphqlConfig = {
    ...target(),
    kind: 'graphql',
    name: 'cloud',
    profile: 'railway',
    opens: [],
    schemaHash: hash,
  };
  await allowRest(house, agent, await addTarget(house, config, SECRET));
  const body = JSON.stringify({ query: QUERY });
  const ours = bytes('POST /t/cloud', { authorization: `Bearer ${agent.token}` }, body);
  const plain = always(bytes('POST /', { authorization: `Bearer ${SECRET}` }, body));
  const direct = await measured(UPSTREAM, plain);
  const bare = await measured(BARE, plain, bareProxy);
  const throughNginx = proxied === null ? null : await measured(NGINX, plain);
  const through = await measured(GATEWAY, always(ours), gateway);
  report(`A GraphQL query of ${Buffer.byteLength(body)} bytes at rest, 32 clients`, [
    ...rates('against a bare Node proxy', through, bare, '≥ 0.6'),
    ...rates('against the upstream itself', through, direct, ''),
    ...(throughNginx === null ? [] : rates('against nginx', through, throughNginx, '')),
  ]);
  expect(through.rate).toBeGreaterThan(0);
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
  const bare = await measured(BARE, plain, bareProxy);
  const ready = proofs(60_000, { token: holder.token, nonce, url }).map((dpop) =>
    bytes('GET /t/bench/v1/things', { authorization: `DPoP ${holder.token}`, dpop }),
  );
  const next = (): Buffer => ready.pop() ?? Buffer.alloc(0);
  const ours = await measured(GATEWAY, next, gateway, 45_000);
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
