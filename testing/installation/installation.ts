import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeAddresses, openInstallation, readSettings } from '#scripts/installation';
import { reapAfterDeath } from '#scripts/reaper';
import { chromiumRoot } from '#testing/security-key';

/** One process of it. What is brought down stays down until it is started. */
export interface ProcessUnderTest {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
}

/** One that can be stuck as well: it lives, keeps its port and its connections, and does nothing. */
export interface SuspendableProcess extends ProcessUnderTest {
  /** SIGSTOP */
  suspend(): void;
  /** SIGCONT */
  resume(): void;
}

/** A running Countersign, built as `npm start` builds it, with a database and a folder of its own. */
export interface InstallationUnderTest {
  readonly web: string;
  readonly sign: string;
  /** The warden's door for agents. */
  readonly agents: string;
  readonly gateway: string;
  /** Where the first owner begins. */
  readonly setupUrl: string;
  /** The folder that `npm start` calls `.countersign`. */
  readonly dir: string;
  /** What an operator has set: the same for `npm run backup`, and for what is restored in its place. */
  readonly env: Readonly<Record<string, string>>;
  /** Countersign's own database, as the tables' owner and as each process. */
  readonly urls: Readonly<Record<'owner' | 'web' | 'warden' | 'gateway', string>>;
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
  readonly gatewayProcess: SuspendableProcess;
  readonly database: ProcessUnderTest;
  stop(): Promise<void>;
}

/**
 * Starts what `npm run build` built. `env` is what an operator would set, OIDC_ISSUER for one.
 * The browser's virtual keys count as proven, since the operator says so in the folder of
 * makers' roots; `unproven` leaves that out.
 */
export async function startInstallation(
  env: Readonly<Record<string, string>> = {},
  { unproven = false }: { readonly unproven?: boolean } = {},
): Promise<InstallationUnderTest> {
  // Not under $TMPDIR, which may be closed to the user a root's PostgreSQL runs as.
  const dir = mkdtempSync('/tmp/countersign-e2e-');
  let told = (_: string): void => undefined;
  const link = new Promise<string>((resolve) => (told = resolve));
  const set = { ...(await freeAddresses()), COUNTERSIGN_DIR: dir, ...env };
  const { stage, layout } = await start(set, told);
  if (!unproven) writeFileSync(join(layout.makers.roots, 'chromium.pem'), chromiumRoot().toString());
  return { ...stage, setupUrl: await link };
}

/** Starts what lies in the folder already: it was set up before. */
export const startAgain = async (env: InstallationUnderTest['env']): Promise<InstallationUnderTest> => ({
  ...(await start(env, () => undefined)).stage,
  setupUrl: '',
});

async function start(env: InstallationUnderTest['env'], onSetupLink: (url: string) => void) {
  const settings = readSettings({ PATH: process.env['PATH'], ...env });
  const { dir } = settings;
  const removed = reapAfterDeath({ folder: dir });
  const installation = await openInstallation({ settings, throwaway: true, say: () => undefined, onSetupLink });
  const { embedded } = installation.database;
  if (embedded === null) throw new Error('The tests bring their own database: unset DATABASE_URL.');
  const { web, warden, gateway, layout } = installation;
  const stage: Omit<InstallationUnderTest, 'setupUrl'> = {
    web: settings.webOrigin,
    sign: settings.signOrigin,
    agents: settings.agentOrigin,
    gateway: settings.gatewayOrigin,
    dir,
    env,
    urls: embedded.urls,
    adminUrl: embedded.adminUrl,
    sample: JSON.parse(readFileSync(layout.warden.sample, 'utf8')),
    sampleDatabase: 'sample_bookings',
    ownDatabase: 'countersign',
    webProcess: underTest(web, installation.ready),
    warden: underTest(warden, installation.ready),
    gatewayProcess: suspendable(gateway, installation.ready),
    database: embedded.keeper,
    async stop() {
      await installation.stop();
      rmSync(dir, { recursive: true, force: true });
      removed();
    },
  };
  return { stage, layout };
}

function underTest(process: Omit<ProcessUnderTest, 'start'> & { start(): void }, ready: () => Promise<void>) {
  const start = async (): Promise<void> => {
    process.start();
    await ready();
  };
  return { start, stop: process.stop, kill: process.kill };
}

function suspendable(
  supervised: Parameters<typeof underTest>[0] & { pid(): number | undefined },
  ready: () => Promise<void>,
): SuspendableProcess {
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => () => {
    const pid = supervised.pid();
    if (pid === undefined) throw new Error('The process does not run.');
    process.kill(pid, name);
  };
  return { ...underTest(supervised, ready), suspend: signal('SIGSTOP'), resume: signal('SIGCONT') };
}
