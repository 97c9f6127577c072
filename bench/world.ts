import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { freeAddresses, type Installation, openInstallation, readSettings, type Settings } from '#scripts/installation';
import { reapAfterDeath } from '#scripts/reaper';
import { firstOwner, type Person } from '#testing/security-key';
import { type Previews, watchPreviews } from './previews';

/*
 * A Countersign as `npm start` runs it, with an owner, and the one place in the bench that knows which process serves
 * what: measurements name a door (`credentials`, `calls`) and a process (`gateway`, `warden`), never a port.
 */

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** A process whose memory and processor time are looked at. */
export interface Process {
  readonly pid: number;
}

export interface World {
  readonly web: string;
  readonly sign: string;
  /** Where agents collect and give back: the warden's door for them. */
  readonly credentials: string;
  /** Where calls to providers go, at `/t/<target>`: the gateway's door. */
  readonly calls: string;
  /** Countersign's own database. */
  readonly urls: { readonly owner: string; readonly web: string; readonly admin: string };
  /** The sample database, as its broker. */
  readonly sample: Place;
  readonly owner: Person;
  /** Passes calls to providers. */
  readonly gateway: Process;
  /** Signs what the gateway goes by; mints and ends. */
  readonly warden: Process;
  readonly previews: Previews;
  /** Ends what previews, mints and ends. */
  stopWarden(): Promise<void>;
  close(): Promise<void>;
}

/** No agent's pace is a limit here. */
const LIMITS = {
  AGENT_FILINGS_PER_MINUTE: '1000000',
  AGENT_CALLS_PER_SECOND: '1000000',
  AGENT_OPEN_REQUESTS: '0',
};

export async function openWorld(): Promise<World> {
  // Not under $TMPDIR, which may be closed to the user a root's PostgreSQL runs as.
  const dir = mkdtempSync('/tmp/countersign-bench-');
  const removed = reapAfterDeath({ folder: dir });
  const settings = readSettings({
    ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], LOG_LEVEL: 'error' },
    ...LIMITS,
    ...(await freeAddresses()),
    COUNTERSIGN_DIR: dir,
  });
  const { installation, setupUrl } = await start(settings);
  const { embedded } = installation.database;
  if (embedded === null) throw new Error('the bench brings its own database');
  const previews = watchPreviews(embedded.adminUrl('countersign'));
  return {
    web: settings.webOrigin,
    sign: settings.signOrigin,
    credentials: settings.agentOrigin,
    calls: settings.gatewayOrigin,
    urls: { owner: embedded.urls.owner, web: embedded.urls.web, admin: embedded.adminUrl('countersign') },
    sample: JSON.parse(readFileSync(installation.layout.warden.sample, 'utf8')) as Place,
    owner: await firstOwner({ web: settings.webOrigin, sign: settings.signOrigin }, setupUrl),
    gateway: { pid: installation.gateway.pid() ?? 0 },
    warden: { pid: installation.warden.pid() ?? 0 },
    previews,
    stopWarden: () => installation.warden.stop(),
    async close() {
      await previews.close();
      await installation.stop();
      rmSync(dir, { recursive: true, force: true });
      removed();
    },
  };
}

async function start(settings: Settings): Promise<{ installation: Installation; setupUrl: string }> {
  let told = (_: string): void => undefined;
  const link = new Promise<string>((resolve) => (told = resolve));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const installation = await openInstallation({ settings, say, onSetupLink: (url) => told(url) });
  return { installation, setupUrl: await link };
}
