import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, beforeAll, test } from 'vitest';

/*
 * What `npm test` starts, in small: a run with its folder, a PostgreSQL, a
 * program and that one's worker. Whoever is killed, and however, nothing stays.
 */

const bundle = join(process.cwd(), 'node_modules/.cache/countersign', `reaper-${process.pid}.mjs`);

/** Says where its folder is and which processes there are; a pid of 0 would be one that did not start. */
const RUN = `
  import { join } from 'node:path';
  import { startCluster } from '#scripts/postgres';
  import { endWithNpm } from './scripts/bootstrap/npm.mjs';
  import { openRun } from './scripts/commands/run';
  const worker = 'console.log(JSON.stringify({ pid: process.pid })); setInterval(() => undefined, 1e3)';
  const program = worker + '; require("node:child_process").spawn(process.execPath, ["-e", ' + JSON.stringify(worker) + '], { stdio: "inherit" })';
  endWithNpm();
  const run = openRun();
  console.log(JSON.stringify({ folder: run.folder }));
  void run.node(['-e', program]);
  const options = { port: Number(process.argv[2]), password: 'x', throwaway: true };
  const data = join(run.folder, 'data');
  const { pid } = await startCluster({ ...options, dataDir: data, logFile: join(run.folder, 'log') });
  console.log(JSON.stringify({ pid }));
`;

/** npm, in small: a shell runs the script, and dies alone. */
const NPM = `require('node:child_process').spawn('sh', ['-c', '"$0" "$@"; :', ...process.argv.slice(1)], { stdio: 'inherit' })`;

beforeAll(async () => {
  await build({
    stdin: { contents: RUN, resolveDir: process.cwd(), loader: 'ts' },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(bundle, { force: true }));

const isAlive = (pid: number): boolean => {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
};

/** What the run says until it has said all of it. */
async function started(child: ChildProcess): Promise<{ folder: string; pids: number[] }> {
  const facts = { folder: '', pids: [] as number[] };
  if (child.stdout === null) throw new Error('no pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    const { folder, pid } = JSON.parse(line) as { folder?: string; pid?: number };
    if (folder !== undefined) facts.folder = folder;
    if (pid !== undefined) facts.pids.push(pid);
    if (facts.pids.length === 3) break;
  }
  return facts;
}

test.concurrent.for([
  ['the run', 'SIGINT', 18_100],
  ['the run', 'SIGTERM', 18_200],
  ['the run', 'SIGHUP', 18_300],
  ['the run', 'SIGKILL', 18_400],
  ['npm above it', 'SIGTERM', 18_500],
  ['npm above it', 'SIGKILL', 18_600],
  ['npm above it', 'SIGHUP', 18_700],
] as const)('Of %s, ended by %s, no process and no folder stays', async ([who, signal, port], { expect }) => {
  const args = [bundle, String(port + (process.pid % 100))];
  const child =
    who === 'the run'
      ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      : spawn(process.execPath, ['-e', NPM, process.execPath, ...args], {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { ...process.env, npm_lifecycle_event: 'test' },
        });
  const { folder, pids } = await started(child);
  expect([existsSync(folder), pids.map(isAlive)]).toEqual([true, [true, true, true]]);
  child.kill(signal);
  await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);
  await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
});
