import { resolve } from 'node:path';
import {
  type Layout,
  layoutOf,
  makeFolders,
  makeKeys,
  openFolder,
  openSecrets,
  type ProcessUsers,
  processUsers,
  refuseOlder,
} from '#scripts/folder';
import { startedByRoot } from '#scripts/machine';
import { programFor } from '#scripts/program';
import { type Supervised, supervise } from '#scripts/supervision';
import { type Database, openEmbedded, openExternal } from './database';
import { refuseDotenv } from './dotenv';
import { lockFolder } from './lock';
import { requireFree } from './ports';
import { becomeReady } from './ready';
import type { Settings } from './settings';
import { gatewaySpec, type Surroundings, wardenSpec, webSpec } from './specs';

export interface InstallationOptions {
  readonly settings: Settings;
  /** One line for whoever watches. */
  say(line: string): void;
  /** The set-up link, whenever the warden makes one: it has a one-time code in it. */
  onSetupLink(url: string): void;
  /** `next dev` instead of the built console, in the checkout, as whoever starts it. */
  readonly development?: boolean;
  /** For tests: the database gives durability up for speed. */
  readonly throwaway?: boolean;
}

export interface Installation {
  readonly database: Database;
  readonly web: Supervised;
  readonly warden: Supervised;
  readonly gateway: Supervised;
  readonly layout: Layout;
  /** Waits until every door answers. */
  ready(): Promise<void>;
  /** Web, the gateway, then the warden, then the database. */
  stop(): Promise<void>;
}

/** Brings everything up in order and returns when all of it answers. */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { settings, say, development = false } = options;
  const layout = layoutOf(settings.dir);
  refuseDotenv('.');
  if (settings.dir !== resolve('.countersign')) refuseOlder('.countersign');
  openFolder(layout.dir);
  const lock = lockFolder(layout.dir);
  const running: Array<{ stop(): Promise<void> }> = [];
  const stop = async (): Promise<void> => {
    for (const one of running.splice(0).reverse()) await one.stop();
    lock.release();
  };
  const keep = <T extends { stop(): Promise<void> }>(one: T): T => {
    running.push(one);
    return one;
  };
  try {
    const separate = startedByRoot() && !development;
    await requireFree(neededPorts(settings), { patienceMs: lock.leftover ? 8_000 : 0, asAsked: !separate });
    const users = processUsers(say, separate);
    makeFolders(layout, users);
    makeKeys(layout, users);
    const program = await programFor(layout, users, say);
    const database = keep(await openDatabase(options, layout, users));
    const it: Surroundings = { settings, layout, users, program, database, development };
    const warden = keep(supervise(wardenSpec(it, options.onSetupLink), say));
    const gateway = keep(supervise(gatewaySpec(it), say));
    const web = keep(supervise(webSpec(it), say));
    const ready = () => becomeReady(probesOf(settings, { warden, gateway, web }));
    await ready();
    return { database, web, warden, gateway, layout, ready, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function openDatabase(
  { settings, say, throwaway = false }: InstallationOptions,
  layout: Layout,
  users: ProcessUsers | null,
): Promise<Database> {
  if (settings.external !== null) return openExternal(settings.external);
  return openEmbedded(
    { layout, port: settings.ports.postgres, owner: users?.warden ?? null, say, throwaway },
    openSecrets(layout),
  );
}

function neededPorts({ ports, listenHost: host }: Settings): Parameters<typeof requireFree>[0] {
  return [
    { port: ports.web, host, setting: 'WEB_ORIGIN (and WEB_PORT, behind a proxy)' },
    { port: ports.sign, host, setting: 'SIGN_ORIGIN (and SIGN_PORT, behind a proxy)' },
    { port: ports.agents, host, setting: 'AGENT_ORIGIN (and AGENT_PORT, behind a proxy)' },
    { port: ports.gateway, host, setting: 'GATEWAY_ORIGIN (and GATEWAY_PORT, behind a proxy)' },
  ];
}

function probesOf(
  { signOrigin, agentOrigin, gatewayOrigin, webOrigin, ports }: Settings,
  { warden, gateway, web }: Readonly<Record<'warden' | 'gateway' | 'web', Supervised>>,
): Parameters<typeof becomeReady>[0] {
  return [
    { name: 'The warden', origin: signOrigin, port: ports.sign, path: '/readyz', process: warden },
    { name: 'The warden', origin: agentOrigin, port: ports.agents, path: '/readyz', process: warden },
    { name: 'The gateway', origin: gatewayOrigin, port: ports.gateway, path: '/readyz', process: gateway },
    { name: 'The console', origin: webOrigin, port: ports.web, path: '/api/readyz', process: web },
  ];
}
