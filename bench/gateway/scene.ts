import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, newAgent } from '../agents';
import { httpTarget } from '../targets';
import { openWorld, type World } from '../world';
import { byTurns, type Compared, type Load } from './by-turns';
import { type Figures, figuresOf, load } from './load';
import { nginx, node, type Running } from './processes';
import { startUpstream } from './start-upstream';

/* The gateway as an installation runs it, and beside it what it is measured against, all before the same upstream. */

const [UPSTREAM, BARE, NGINX] = [19_823, 19_824, 19_825];
export const SECRET = 'bench-upstream-secret-0123456789';
export const UPSTREAM_URL = `http://127.0.0.1:${UPSTREAM}/`;

export interface Scene {
  readonly world: World;
  /** May read everything of the target `bench` at rest. */
  readonly agent: Agent;
  readonly targetId: string;
  /** Calls through the gateway, and the same straight at what it is held against, by turns. */
  compare(calls: Calls, how?: Partial<Load>): Promise<Compared>;
  close(): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const world = await openWorld();
  const upstream = await startUpstream(UPSTREAM);
  const bareProxy = await node(['bench/gateway/bare-proxy.mjs', String(BARE), UPSTREAM_URL]);
  const proxied = await nginx(NGINX, UPSTREAM);
  const targetId = await world.owner.addTarget(httpTarget('bench', UPSTREAM_URL, SECRET));
  const agent = await newAgent(world);
  await allowRest(world, agent, targetId);
  const headers = { authorization: `Bearer ${agent.token}` };
  await passing(() => fetch(`${world.calls}/t/bench/v1/things`, { headers }));
  return {
    ...{ world, agent, targetId },
    compare: (calls, how = {}) =>
      byTurns(how, {
        // The warden too: it signs what the gateway goes by, and reads what it leaves.
        ours: { port: portOf(world), programs: [world.gateway, world.warden], next: calls.ours },
        bare: { port: BARE, programs: [bareProxy], next: calls.plain },
        direct: { port: UPSTREAM, programs: [], next: calls.plain },
        nginx: proxied === null ? null : { port: NGINX, programs: [], next: calls.plain },
      }),
    async close() {
      const all: Running[] = [upstream, bareProxy, ...(proxied === null ? [] : [proxied])];
      await world.close();
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}

export const allowRest = ({ owner }: World, { id }: Agent, targetId: string): Promise<void> =>
  owner.sign('rest.allow', { agentId: id, targetId, ttlSeconds: 3_600 });

/** Resolves once a call passes: the gateway hears of what was signed a moment later than whoever signed it. */
export async function passing(call: () => Promise<Response>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const answer = await call();
    await answer.arrayBuffer();
    if (answer.ok) return;
    await sleep(20);
  }
  throw new Error('the gateway lets nothing pass');
}

export const portOf = ({ calls }: World): number => Number(new URL(calls).port);

/** One request as it goes over the wire. */
export const bytes = (world: World, line: string, headers: Readonly<Record<string, string>>, body = ''): Buffer =>
  Buffer.from(
    `${line} HTTP/1.1\r\n${Object.entries({
      host: new URL(world.calls).host,
      ...headers,
      ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)), 'content-type': 'application/json' }),
    })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${body}`,
  );

export const always = (request: Buffer) => (): Buffer => request;

export interface Calls {
  /** At the gateway, with the agent's token. */
  readonly ours: () => Buffer;
  /** The same with the provider's secret. */
  readonly plain: () => Buffer;
}

export const sendAll = async ({ world }: Scene, next: () => Buffer, count: number): Promise<Figures> =>
  figuresOf([await load(portOf(world), next, { clients: 32, seconds: 450, most: count })]);
