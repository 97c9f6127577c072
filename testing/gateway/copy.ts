import type { AddressInfo } from 'node:net';
import pino from 'pino';
import type { BodyTimes } from '#lib/http/wire';
import { closed } from '#lib/process';
import { openGateway, type RunningGateway } from '../../gateway/open';
import type { GatewayKeys } from './keys';

/*
 * Only for tests: a copy of the gateway over a test's own database.
 */

export interface TestCopy extends RunningGateway {
  readonly port: number;
  close(): Promise<void>;
}

export interface CopyParts {
  readonly databaseUrl: string;
  readonly keys: GatewayKeys;
  readonly origins: { readonly web: string; readonly agent: string; readonly gateway: string };
  /** Names its folder: a copy of the same name is the same copy after a restart. */
  readonly name: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly bodyTimes?: BodyTimes;
}

/** Opens a copy and lets it listen. */
export async function openCopy(parts: CopyParts): Promise<TestCopy> {
  const { databaseUrl, origins, keys, name, port, bodyTimes } = parts;
  const { gatewayDir, publicDir } = keys;
  const running = openGateway({
    ...{ databaseUrl, origins },
    folders: { gatewayDir, publicDir, instanceDir: keys.instanceDir(name) },
    forwardAuthProxies: ['127.0.0.1', '::1'],
    log: pino({ level: 'silent' }),
    ...(bodyTimes === undefined ? {} : { bodyTimes }),
  });
  const { server } = running;
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await running.letGo();
    await closed(server);
    await running.stop();
  };
  return {
    ...running,
    port: (server.address() as AddressInfo).port,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
