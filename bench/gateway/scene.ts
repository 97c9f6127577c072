import type { HttpConfig } from '#lib/targets';
import { addTarget, allowRest, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';
import type { Row } from '../measure';
import { type Figures, load } from './load';
import { cpuSecondsOf, nginx, node, type Running } from './processes';

/* The gateway in a process of its own, and beside it what it is measured against, all before the same upstream. */

const [GATEWAY, SIGN, UPSTREAM, BARE, NGINX] = [21_821, 21_822, 21_823, 21_824, 21_825];
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
export const ORIGIN = `http://localhost:${GATEWAY}`;
export const SECRET = 'bench-upstream-secret-0123456789';

export const target = (over: Partial<HttpConfig> = {}): HttpConfig => ({
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

export interface Scene {
  readonly house: House;
  /** May read at rest what `target()` opens. */
  readonly agent: TestAgent;
  readonly targetId: string;
  readonly gateway: Running;
  /** The same calls, straight at what the gateway is held against. */
  against(plain: Buffer, how?: Partial<Load>): Promise<Others>;
  close(): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const house = await openHouse({ gatewayOrigin: ORIGIN });
  const agent = await newAgent(house);
  const targetId = await addTarget(house, target(), SECRET);
  await allowRest(house, agent, targetId);
  const upstream = await node(['bench/gateway/upstream.mjs', String(UPSTREAM)]);
  const bareProxy = await node(['bench/gateway/bare-proxy.mjs', String(BARE), `http://127.0.0.1:${UPSTREAM}`]);
  const proxied = await nginx(NGINX, UPSTREAM);
  const gateway = await node(['dist/warden.mjs'], {
    WARDEN_DATABASE_URL: house.database.wardenUrl,
    WARDEN_DIR: house.dir,
    GATEWAY_ORIGIN: ORIGIN,
    SIGN_ORIGIN: house.warden.signing.origin,
    SIGN_PORT: String(SIGN),
    WEB_ORIGIN: 'http://localhost:21826',
    LOG_LEVEL: 'silent',
  });
  return {
    ...{ house, agent, targetId, gateway },
    async against(plain, how = {}) {
      const next = always(plain);
      const direct = await measured(UPSTREAM, next, how);
      const bare = await measured(BARE, next, { ...how, of: bareProxy });
      return { direct, bare, nginx: proxied === null ? null : await measured(NGINX, next, how) };
    },
    async close() {
      const all = [upstream, bareProxy, gateway, ...(proxied === null ? [] : [proxied])];
      await Promise.all(all.map((one) => one.stop()));
      await house.close();
    },
  };
}

export const bytes = (line: string, headers: Readonly<Record<string, string>>, body = ''): Buffer =>
  Buffer.from(
    `${line} HTTP/1.1\r\n${Object.entries({
      host: `localhost:${GATEWAY}`,
      ...headers,
      ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)), 'content-type': 'application/json' }),
    })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${body}`,
  );

export const always = (request: Buffer) => (): Buffer => request;

/** Load on one port, and the processor time its program took a request: what a busy machine blurs least. */
export interface Charged extends Figures {
  /** Microseconds; NaN where nobody asked. */
  readonly cpu: number;
}

export interface Others {
  readonly direct: Charged;
  readonly bare: Charged;
  /** Null where there is no nginx on this machine. */
  readonly nginx: Charged | null;
}

export interface Load {
  readonly of: Running | null;
  readonly clients: number;
  readonly most: number | undefined;
}

/** Of the gateway. */
export const through = (scene: Scene, next: () => Buffer, how: Partial<Load> = {}): Promise<Charged> =>
  measured(GATEWAY, next, { ...how, of: scene.gateway });

export const sendAll = (next: () => Buffer, count: number): Promise<Figures> =>
  load(GATEWAY, next, { clients: 32, seconds: 450, most: count });

async function measured(
  port: number,
  next: () => Buffer,
  { of = null, clients = 32, most }: Partial<Load>,
): Promise<Charged> {
  await load(port, next, { clients, seconds: SECONDS / 4, ...(most === undefined ? {} : { most: most / 5 }) });
  const before = of === null ? Number.NaN : cpuSecondsOf(of);
  const figures = await load(port, next, { clients, seconds: SECONDS, ...(most === undefined ? {} : { most }) });
  const spent = of === null ? Number.NaN : cpuSecondsOf(of) - before;
  return { ...figures, cpu: (spent / figures.count) * 1_000_000 };
}

/** Every comparison of one kind of call; the aim is the one against the bare proxy. */
export const comparisons = (ours: Charged, others: Others, aim: string): Row[] => [
  ...rates('against a bare Node proxy', ours, others.bare, aim),
  ...rates('against the upstream itself', ours, others.direct, ''),
  ...(others.nginx === null ? [] : rates('against nginx', ours, others.nginx, '')),
];

const rates = (what: string, ours: Charged, bare: Charged, aim: string): Row[] => [
  { what: `${what}, requests a second`, ours: ours.rate, bare: bare.rate, unit: '/s', aim },
  ...(Number.isNaN(bare.cpu)
    ? []
    : [{ what: `${what}, processor time a request`, ours: ours.cpu, bare: bare.cpu, unit: 'µs', aim: '' }]),
  { what: `${what}, p50`, ours: ours.p50, bare: bare.p50, unit: 'ms', aim: '' },
  { what: `${what}, p99`, ours: ours.p99, bare: bare.p99, unit: 'ms', aim: '' },
];
