import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type ChildSpec, supervise } from './child';

const dir = mkdtempSync(join(tmpdir(), 'countersign-child-'));
afterAll(() => rmSync(dir, { recursive: true }));

const specOf = (name: string, program: string, more: Partial<ChildSpec> = {}): ChildSpec => ({
  name,
  args: ['-e', program],
  env: { NODE_ENV: 'production', ONLY: 'this' },
  logFile: join(dir, `${name}.log`),
  workshop: dir,
  owner: null,
  program: { cwd: process.cwd(), node: process.execPath },
  ...more,
});

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

test('A process that dies is started again, gets exactly its environment, and stops when asked', async () => {
  const said: string[] = [];
  const events: unknown[] = [];
  const program = `console.log(JSON.stringify({ event: 'up', names: Object.keys(process.env).sort() })); setInterval(() => {}, 1000)`;
  const child = supervise(specOf('mortal', program, { onEvent: (event) => events.push(event) }), (line) =>
    said.push(line),
  );
  await expect.poll(() => events.length).toBe(1);
  expect(events[0]).toEqual({ event: 'up', names: ['COUNTERSIGN_STARTER', 'NODE_ENV', 'ONLY'] });
  process.kill(child.pid() ?? 0, 'SIGKILL');
  await expect.poll(() => events.length).toBe(2);
  expect([child.deaths(), said]).toEqual([1, ['The mortal process ended (SIGKILL); starting it again in 0.25 s.']]);
  const pid = child.pid() ?? 0;
  await child.stop();
  expect([isAlive(pid), said.length]).toEqual([false, 1]);
});

test('A process that is killed again and again is back each time as soon as the first time', async () => {
  const [said, events]: [string[], unknown[]] = [[], []];
  const program = `console.log(JSON.stringify({ event: 'up' })); setInterval(() => {}, 1000)`;
  const spec = specOf('target', program, { onEvent: (event) => events.push(event) });
  const child = supervise(spec, (line) => said.push(line));
  for (let kills = 1; kills <= 6; kills += 1) {
    await expect.poll(() => events.length).toBe(kills);
    process.kill(child.pid() ?? 0, 'SIGKILL');
  }
  await expect.poll(() => events.length).toBe(7);
  await child.stop();
  expect(new Set(said)).toEqual(new Set(['The target process ended (SIGKILL); starting it again in 0.25 s.']));
});

test('A process that crashes again and again is waited for longer, and what it last said is told', async () => {
  const said: string[] = [];
  const child = supervise(specOf('broken', `console.error('no such key'); process.exit(3)`), (line) => said.push(line));
  await expect.poll(() => said.at(-1), { timeout: 20_000 }).toContain('does not stay up. It last said: no such key');
  await child.stop();
  expect(said[1]).toBe('The broken process ended (code 3); starting it again in 0.5 s.');
});

test('A program that cannot even be started is tried again, and says why', async () => {
  const said: string[] = [];
  const program = { cwd: process.cwd(), node: join(dir, 'no-such-node') };
  const child = supervise(specOf('absent', '', { program }), (line) => said.push(line));
  await expect.poll(() => child.deaths()).toBeGreaterThan(1);
  await child.stop();
  expect(child.lastWords()).toContain('ENOENT');
  expect(said[0]).toMatch(/^The absent process ended \(spawn .* ENOENT\)/);
});

test('When its starter is killed with -9, a child goes by itself', async () => {
  const starter = join(dir, 'starter.mjs');
  writeFileSync(
    starter,
    `import { spawn } from 'node:child_process';
     const child = spawn(process.execPath, ['--import', './scripts/supervision/leash.mjs', '-e', 'setInterval(() => {}, 1000)'], {
       env: { COUNTERSIGN_STARTER: String(process.pid) }, stdio: ['pipe', 'ignore', 'ignore'], detached: true });
     console.log(child.pid); setInterval(() => {}, 1000);`,
  );
  const parent = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = await once(parent.stdout, 'data');
  const pid = Number(String(chunk));
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('A child that begins as its starter is gone already goes by itself', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  const child = spawn(
    process.execPath,
    ['--import', './scripts/supervision/leash.mjs', '-e', 'setInterval(() => {}, 1000)'],
    { env: { NODE_ENV: 'test', COUNTERSIGN_STARTER: String(gone.pid) }, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  expect((await once(child, 'exit'))[0]).toBe(1);
});
