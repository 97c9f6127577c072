import { type ChildProcess, spawn } from 'node:child_process';
import type { Owner } from '#scripts/machine';
import { backOff } from './back-off';
import { eachLine, printable } from './lines';
import { type LogFile, openLog } from './log-file';

export interface ChildSpec {
  readonly name: string;
  readonly args: readonly string[];
  /** Exactly what it gets: nothing is inherited. */
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** The starter's own folder: files for others are made there first. */
  readonly workshop: string;
  /** Whom it runs as, with no group but that user's own; null: whoever runs the starter. */
  readonly owner: Owner | null;
  /** The folder it runs in, and the Node it runs with: both where its user can reach them. */
  readonly program: Program;
  /** A line of JSON it wrote on stdout. */
  onEvent?(event: { readonly [key: string]: unknown }): void;
}

export interface Program {
  readonly cwd: string;
  readonly node: string;
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

/** Signals that come from outside, the kernel's for want of memory among them. */
const KILLS: readonly string[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** Who waits so long has died five times in a row. */
const TELLING_MS = 4_000;

/** Runs a Node program, and runs it again whenever it dies unasked. */
export function supervise(spec: ChildSpec, say: (line: string) => void): Supervised {
  const log = openLog(spec.logFile, spec.workshop, spec.owner);
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
    once(running, (how) => {
      if (!wanted || child !== running) return;
      deaths += 1;
      const waitMs = KILLS.includes(how) ? pause.afterKill() : pause.next();
      say(`The ${spec.name} process ended (${how}); starting it again in ${waitMs / 1000} s.`);
      if (waitMs >= TELLING_MS) say(`The ${spec.name} process does not stay up. It last said: ${words || 'nothing'}`);
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

function launch({ args, env, owner, program }: ChildSpec): ChildProcess {
  // In a group of its own: Ctrl-C in the terminal reaches the starter, which stops its children in order.
  const child = spawn(program.node, ['--import', './scripts/supervision/leash.mjs', ...args], {
    cwd: program.cwd,
    env: { ...env, COUNTERSIGN_STARTER: String(process.pid) },
    // The child reads nothing: its stdin ends when the starter does (leash.mjs).
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    ...(owner ?? {}),
  });
  child.stdin?.on('error', () => undefined);
  return child;
}

/** Exactly once, also where the program could not even be started. */
function once(child: ChildProcess, act: (how: string) => void): void {
  let done = false;
  const finish = (how: string): void => {
    if (!done) act(how);
    done = true;
  };
  child.once('error', (error) => finish(error.message));
  child.once('exit', (code, signal) => finish(signal ?? `code ${code}`));
}

function listen(
  child: ChildProcess,
  spec: ChildSpec,
  log: LogFile,
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
    log.write(line);
    if (line.trim() !== '') remember(printable(line.trim()));
    if (typeof event?.['level'] !== 'number' || event['level'] < 40 || event['msg'] === lastWarning) return;
    lastWarning = String(event['msg']);
    say(`${spec.name}: ${printable(lastWarning)}`);
  };
  child.once('error', (error) => remember(error.message));
  for (const stream of [child.stdout, child.stderr]) if (stream) eachLine(stream, read);
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
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
}
