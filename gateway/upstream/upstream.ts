import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { Pool } from 'undici';
import type { UpstreamConfig } from '#lib/targets';
import { pinnedLookup, type Resolve, refuseLiteral, refusePlainHttp, systemResolve } from './addresses';
import { redactor } from './answer/redact';
import { buffered, type UpstreamAnswer } from './buffered';
import { composer } from './compose';
import type { UpstreamCall, Wire } from './exchange';
import { createQueue } from './queue';
import { streamed } from './streamed';

const CONNECT_MS = 5_000;
const HEADERS_MS = 30_000;
const BODY_MS = 60_000;

/** How much of the gateway one target may take up. */
export interface Bounds {
  readonly connections: number;
  /** How long a call waits for a free connection. */
  readonly queueMs: number;
  /** How long an agent may leave its answer unread. */
  readonly stallMs: number;
}
export const BOUNDS: Bounds = { connections: 64, queueMs: 5_000, stallMs: 30_000 };

export interface Upstream {
  /** Buffered and bounded. Throws `target_unreachable` where nothing was answered, `target_refused` where the answer cannot be passed. */
  call(call: UpstreamCall, limits?: { readonly maxBytes?: number; readonly seconds?: number }): Promise<UpstreamAnswer>;
  /** Streams both ways, `extra` (name, value, name, value …) set on the answer. Throws as above before the first byte; after it, breaks the connection. */
  stream(
    call: UpstreamCall,
    body: Readable | null,
    response: ServerResponse,
    extra: readonly string[],
  ): Promise<{ readonly status: number }>;
}

export interface OpenUpstream extends Upstream {
  /** Lets the connections go once what is under way has ended. A later call makes new ones. */
  rest(): void;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

/** The only way to a target's provider. */
export function openUpstream(parts: {
  readonly config: UpstreamConfig;
  readonly secret: string;
  readonly gatewayOrigin: string;
  readonly onLeak: (origin: string) => void;
  readonly resolve?: Resolve;
  readonly bounds?: Bounds;
}): OpenUpstream {
  const { config, secret, gatewayOrigin, onLeak, resolve = systemResolve, bounds = BOUNDS } = parts;
  const url = new URL(config.url);
  refusePlainHttp(url, config.privateNetwork);
  refuseLiteral(url.hostname, config.privateNetwork);
  const connections = connectionsTo(url, { config, resolve, bounds });
  const wire: Wire = {
    config,
    pool: connections.pool,
    queue: createQueue(bounds.connections, bounds.queueMs),
    compose: composer(config, secret),
    redact: redactor(secret, () => onLeak(url.origin)),
    base: `${gatewayOrigin}/t/${config.name}`,
    stallMs: bounds.stallMs,
  };
  return {
    call: (call, limits) => buffered(wire, call, limits),
    stream: (call, body, response, extra) => streamed(wire, { call, body, response, extra }),
    rest: () => void connections.drop()?.close(),
    close: async () => connections.drop()?.destroy(),
  };
}

/** One pool at a time, made when it is needed. */
function connectionsTo(
  { origin }: URL,
  parts: { readonly config: UpstreamConfig; readonly resolve: Resolve; readonly bounds: Bounds },
): { pool(): Pool; drop(): Pool | null } {
  const { config, resolve, bounds } = parts;
  let open: Pool | null = null;
  const make = (): Pool => {
    const { lookup, forget } = pinnedLookup({ privateNetwork: config.privateNetwork, resolve });
    const pool = new Pool(origin, {
      connections: bounds.connections,
      pipelining: 1,
      headersTimeout: HEADERS_MS,
      bodyTimeout: BODY_MS,
      connect: { timeout: CONNECT_MS, lookup },
    });
    return pool.on('connectionError', forget).on('disconnect', forget);
  };
  return {
    pool: () => {
      open ??= make();
      return open;
    },
    drop: () => {
      const dropped = open;
      open = null;
      return dropped;
    },
  };
}
