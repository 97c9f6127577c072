import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ChildSpec, type Supervised, supervise } from './child';
import { type Database, openEmbedded, openExternal } from './database';
import { lockFolder } from './lock';
import { requireFree } from './ports';
import { becomeReady } from './ready';
import { openSecrets, sampleFile, sessionSecretFile } from './secrets';
import type { Settings } from './settings';

export interface InstallationOptions {
  readonly settings: Settings;
  /** One line for whoever watches. */
  say(line: string): void;
  /** The set-up link, whenever the warden makes one: it has a one-time code in it. */
  onSetupLink(url: string): void;
  /** `next dev` instead of the built console. */
  readonly development?: boolean;
  /** For tests: the database gives durability up for speed. */
  readonly throwaway?: boolean;
}

export interface Installation {
  readonly database: Database;
  readonly web: Supervised;
  readonly warden: Supervised;
  /** Waits until every door answers. */
  ready(): Promise<void>;
  /** Web, then the warden, then the database. */
  stop(): Promise<void>;
}

/** Brings everything up in order and returns when all of it answers. */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { settings, say } = options;
  const secrets = openSecrets(settings.dir);
  mkdirSync(join(settings.dir, 'log'), { recursive: true, mode: 0o700 });
  const lock = lockFolder(settings.dir);
  const running: Array<{ stop(): Promise<void> }> = [];
  const stop = async (): Promise<void> => {
    for (const one of running.splice(0).reverse()) await one.stop();
    lock.release();
  };
  try {
    await requireFree(neededPorts(settings), lock.leftover ? 8_000 : 0);
    const database = settings.external
      ? await openExternal(settings.external)
      : await openEmbedded(settings, secrets, say, options.throwaway ?? false);
    running.push(database);
    const warden = supervise(wardenSpec(options, database), say);
    running.push(warden);
    const web = supervise(webSpec(options, database), say);
    running.push(web);
    const ready = () => becomeReady(probesOf(settings, warden, web));
    await ready();
    return { database, web, warden, ready, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function neededPorts({ ports, listenHost: host }: Settings): Parameters<typeof requireFree>[0] {
  return [
    { port: ports.web, host, setting: 'WEB_ORIGIN (and WEB_PORT, behind a proxy)' },
    { port: ports.sign, host, setting: 'SIGN_ORIGIN (and SIGN_PORT, behind a proxy)' },
    { port: ports.gateway, host, setting: 'GATEWAY_ORIGIN (and GATEWAY_PORT, behind a proxy)' },
  ];
}

function probesOf(
  { signOrigin, gatewayOrigin, webOrigin, ports }: Settings,
  warden: Supervised,
  web: Supervised,
): Parameters<typeof becomeReady>[0] {
  return [
    { name: 'The warden', origin: signOrigin, port: ports.sign, path: '/readyz', process: warden },
    { name: 'The warden', origin: gatewayOrigin, port: ports.gateway, path: '/readyz', process: warden },
    { name: 'The console', origin: webOrigin, port: ports.web, path: '/api/readyz', process: web },
  ];
}

/** Web gets no path to the warden's folder, no broker's password and nobody's database role but its own (P3). */
function webSpec({ settings, development }: InstallationOptions, database: Database): ChildSpec {
  const listening = ['-p', String(settings.ports.web), '-H', settings.listenHost];
  return {
    name: 'web',
    args: ['node_modules/next/dist/bin/next', development ? 'dev' : 'start', ...listening],
    logFile: join(settings.dir, 'log/web.log'),
    env: {
      ...shared(settings, development),
      ...settings.passedToWeb,
      NEXT_TELEMETRY_DISABLED: '1',
      DATABASE_URL: database.urls.web,
      SESSION_SECRET_FILE: sessionSecretFile(settings.dir),
    },
  };
}

function wardenSpec({ settings, development, onSetupLink }: InstallationOptions, database: Database): ChildSpec {
  return {
    name: 'warden',
    args: ['--enable-source-maps', 'dist/warden.mjs'],
    logFile: join(settings.dir, 'log/warden.log'),
    onEvent: ({ event, url }) => void (event === 'setup_link' && typeof url === 'string' && onSetupLink(url)),
    env: {
      ...shared(settings, development),
      ...settings.passedToWarden,
      WARDEN_DATABASE_URL: database.urls.warden,
      WARDEN_DIR: join(settings.dir, 'warden'),
      SAMPLE_FILE: database.embedded ? sampleFile(settings.dir) : undefined,
      SIGN_PORT: String(settings.ports.sign),
      GATEWAY_PORT: String(settings.ports.gateway),
    },
  };
}

function shared(
  { passed, webOrigin, signOrigin, gatewayOrigin, listenHost }: Settings,
  development = false,
): ChildSpec['env'] {
  return {
    ...passed,
    NODE_ENV: development ? 'development' : 'production',
    WEB_ORIGIN: webOrigin,
    SIGN_ORIGIN: signOrigin,
    GATEWAY_ORIGIN: gatewayOrigin,
    LISTEN_HOST: listenHost,
  };
}
