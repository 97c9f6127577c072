import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, openInstallation, readSettings } from '#scripts/installation';
import { reapAfterDeath } from '#scripts/reaper';

/** One process of it. What is brought down stays down until it is started. */
export interface ProcessUnderTest {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
}

/** A running Countersign, built as `npm start` builds it, with a database and a folder of its own. */
export interface InstallationUnderTest {
  readonly web: string;
  readonly sign: string;
  readonly gateway: string;
  /** Where the first owner begins. */
  readonly setupUrl: string;
  /** The folder that `npm start` calls `.countersign`. */
  readonly dir: string;
  /** Countersign's own database, as the tables' owner and as each process. */
  readonly urls: { readonly owner: string; readonly web: string; readonly warden: string };
  /** Superuser's URL of a database of the server. */
  adminUrl(database?: string): string;
  /** Connection facts of the sample database's broker. */
  readonly sample: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
  };
  readonly sampleDatabase: string;
  readonly ownDatabase: string;
  readonly webProcess: ProcessUnderTest;
  readonly warden: ProcessUnderTest;
  readonly database: ProcessUnderTest;
  stop(): Promise<void>;
}

/** Starts what `npm run build` built. `env` is what an operator would set, OIDC_ISSUER for one. */
export async function startInstallation(env: Readonly<Record<string, string>> = {}): Promise<InstallationUnderTest> {
  // Not under $TMPDIR, which may be closed to the user a root's PostgreSQL runs as.
  const dir = mkdtempSync('/tmp/countersign-e2e-');
  const removed = reapAfterDeath({ folder: dir });
  const settings = readSettings({
    PATH: process.env['PATH'],
    ...(await freeAddresses()),
    COUNTERSIGN_DIR: dir,
    ...env,
  });
  let told = (_: string): void => undefined;
  const link = new Promise<string>((resolve) => (told = resolve));
  const installation = await openInstallation({
    settings,
    throwaway: true,
    say: () => undefined,
    onSetupLink: (url) => told(url),
  });
  const { embedded } = installation.database;
  if (embedded === null) throw new Error('The tests bring their own database: unset DATABASE_URL.');
  const { web, warden } = installation;
  return {
    web: settings.webOrigin,
    sign: settings.signOrigin,
    gateway: settings.gatewayOrigin,
    setupUrl: await link,
    dir,
    urls: embedded.urls,
    adminUrl: embedded.adminUrl,
    sample: JSON.parse(readFileSync(join(dir, 'sample.json'), 'utf8')),
    sampleDatabase: 'sample_bookings',
    ownDatabase: 'countersign',
    webProcess: { start: () => restarted(web, installation.ready), stop: web.stop, kill: web.kill },
    warden: { start: () => restarted(warden, installation.ready), stop: warden.stop, kill: warden.kill },
    database: embedded.keeper,
    async stop() {
      await installation.stop();
      rmSync(dir, { recursive: true, force: true });
      removed();
    },
  };
}

async function restarted(process: { start(): void }, ready: () => Promise<void>): Promise<void> {
  process.start();
  await ready();
}

export async function freeAddresses(): Promise<Record<string, string>> {
  const first = await freePorts(4);
  const at = (step: number) => `http://localhost:${first + step}`;
  return { WEB_ORIGIN: at(0), SIGN_ORIGIN: at(1), GATEWAY_ORIGIN: at(2), COUNTERSIGN_PG_PORT: String(first + 3) };
}
