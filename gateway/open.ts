import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { type Callers, createCallers } from '#gateway/callers';
import { followHead } from '#gateway/head';
import { startLooks } from '#gateway/looks';
import { type Orders, startOrders } from '#gateway/orders';
import { createForward, createGatewayServer } from '#gateway/proxy';
import { type Bounds, createUpstreams } from '#gateway/upstream';
import { type AlarmCode, openVault, type VaultFolders } from '#gateway/vault';
import { connect, connectHot, listen, openLocks } from '#lib/db';
import { BODY_TIMES, type BodyTimes, createPatience } from '#lib/http/wire';
import { createAlarms } from '#lib/process';
import type { Gateway } from './context';

export interface GatewayParts {
  readonly databaseUrl: string;
  readonly origins: Gateway['origins'];
  readonly folders: VaultFolders;
  /** Proxies whose headers may describe a call at /v1/authorize; empty: no proxy's (T53). */
  readonly forwardAuthProxies: readonly string[];
  readonly log: Logger;
  readonly bodyTimes?: BodyTimes;
  readonly bounds?: Bounds;
}

/** One copy of the gateway, at work but for its server, which its opener lets listen. */
export interface RunningGateway {
  readonly gateway: Gateway;
  readonly callers: Callers;
  readonly orders: Orders;
  readonly server: Server;
  /** Answers held calls, and lets nothing begin any more. To be called before the server is closed. */
  letGo(): Promise<void>;
  /** Ends what is left, once the server is closed. */
  stop(): Promise<void>;
}

/** Opens a copy: what it holds, what it follows, what it does by itself, and its door. */
export function openGateway(parts: GatewayParts): RunningGateway {
  const gateway = gatewayOf(parts);
  const patience = createPatience(parts.bodyTimes ?? BODY_TIMES);
  const callers = createCallers(gateway);
  const orders = startOrders(gateway);
  const looks = startLooks(gateway);
  const forward = createForward(gateway, { callers, orders, proxies: parts.forwardAuthProxies, patience });
  return {
    gateway,
    callers,
    orders,
    server: createGatewayServer(gateway, { callers, forward, patience }),
    letGo: () => forward.stop(),
    async stop() {
      await Promise.all([looks.stop(), orders.stop()]);
      await callers.stop();
      await close(gateway);
    },
  };
}

function gatewayOf({ databaseUrl, folders, origins, log, bounds }: GatewayParts): Gateway {
  const vault = openVault(folders);
  const hot = connectHot(databaseUrl);
  const listener = listen(databaseUrl);
  const alarms = createAlarms<AlarmCode>(
    ({ raised }) => {
      if (raised !== undefined) log.error({ alarm: raised.code }, raised.text);
    },
    () => new Date(),
  );
  return {
    ...{ hot, listener, vault, alarms, origins, log },
    db: connect(databaseUrl, { max: 4 }),
    locks: openLocks(databaseUrl),
    head: followHead({ hot, listener, vault, alarms, log }),
    upstreams: createUpstreams({
      gatewayOrigin: origins.gateway,
      onLeak: (origin) => alarms.raise('secret_leaked', leaked(origin)),
      ...(bounds === undefined ? {} : { bounds }),
    }),
  };
}

const leaked = (origin: string): string =>
  `${origin} sent its own secret back in an answer. It was taken out before the agent saw it: replace that secret, and ask the provider why.`;

async function close({ head, listener, upstreams, locks, hot, db }: Gateway): Promise<void> {
  await head.stop();
  await Promise.all([listener.close(), upstreams.close(), locks.close(), hot.close(), db.$disconnect()]);
}
