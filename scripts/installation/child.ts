import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { backOff } from './back-off';

export interface ChildSpec {
  readonly name: string;
  readonly args: readonly string[];
  /** Exactly what it gets: nothing is inherited. */
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** A line of JSON it wrote on stdout. */
  onEvent?(event: { readonly [key: string]: unknown }): void;
}

export interface Supervised {
  pid(): number | undefined;
  /** How often it died unasked. */
  deaths(): number;
  lastWords(): string;
  /** Runs again after stop or kill. */
  start(): void;
  /** Asks it to end, and makes it after a grace. It stays down until `start`. */
  stop(): Promise<void>;
  /** kill -9. It stays down until `start`. */
  kill(): Promise<void>;
}

const GRACE_MS = 4_000;
const LOG_LIMIT_BYTES = 10_000_000;

/** Runs a Node program, and runs it again whenever it dies unasked. */
export function supervise(spec: ChildSpec, say: (line: string) => void): Supervised {
  const log = openLog(spec.logFile);
  const pause = backOff();
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wanted = false;
  let deaths = 0;
  let words = '';

  function run(): void {
    const running = launch(spec);
    child = running;
    pause.began();
    listen(running, spec, log, say, (line) => (words = line));
    running.once('exit', (code, signal) => {
      if (!wanted || child !== running) return;
      deaths += 1;
      const waitMs = pause.next();
      say(`The ${spec.name} process ended (${signal ?? `code ${code}`}); starting it again in ${waitMs / 1000} s.`);
      timer = setTimeout(run, waitMs);
    });
  }

  function start(): void {
    if (wanted) return;
    wanted = true;
    run();
  }

  async function bringDown(how: typeof end): Promise<void> {
    wanted = false;
    clearTimeout(timer);
    await how(child);
  }

  start();
  return {
    pid: () => child?.pid,
    deaths: () => deaths,
    lastWords: () => words,
    start,
    stop: () => bringDown(end),
    kill: () => bringDown(kill),
  };
}

function launch({ args, env }: ChildSpec): ChildProcess {
  const leash = ['--import', resolve('scripts/installation/leash.mjs')];
  // In a group of its own: Ctrl-C in the terminal reaches the starter, which stops its children in order.
  return spawn(process.execPath, [...leash, ...args], {
    env: { ...env, COUNTERSIGN_STARTER: String(process.pid) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
}

function listen(
  child: ChildProcess,
  spec: ChildSpec,
  log: WriteStream,
  say: (line: string) => void,
  remember: (line: string) => void,
): void {
  let lastWarning = '';
  const read = (line: string): void => {
    const event = parseEvent(line);
    if (event?.['event'] !== undefined) {
      spec.onEvent?.(event);
      return;
    }
    log.write(`${line}\n`);
    if (line.trim() !== '') remember(line.trim());
    if (typeof event?.['level'] !== 'number' || event['level'] < 40 || event['msg'] === lastWarning) return;
    lastWarning = String(event['msg']);
    say(`${spec.name}: ${lastWarning}`);
  };
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', read);
}

function parseEvent(line: string): { readonly [key: string]: unknown } | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as { [key: string]: unknown };
  } catch {
    return null;
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  child?.kill('SIGTERM');
  const timer = setTimeout(() => child?.kill('SIGKILL'), GRACE_MS);
  await gone(child);
  clearTimeout(timer);
}

async function kill(child: ChildProcess | undefined): Promise<void> {
  child?.kill('SIGKILL');
  await gone(child);
}

async function gone(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
}

function openLog(path: string): WriteStream {
  if (existsSync(path) && statSync(path).size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return createWriteStream(path, { flags: 'a', mode: 0o600 });
}
