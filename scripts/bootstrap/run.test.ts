import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

function run(...args: readonly string[]) {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr };
}

const OLD_NODE = "data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '18.20.0' } })";

test('An old Node is told which one to install, and nothing runs', () => {
  const { status, stderr } = run('--import', OLD_NODE, 'scripts/run.mjs', 'start');
  expect(stderr).toBe(
    'Countersign needs Node 20.19 or newer and this is 18.20.0: install a newer one from https://nodejs.org.\n',
  );
  expect(status).toBe(1);
});

test.each([[[]], [['sart']], [['toString']]])('%j is no command: the answer lists those there are', (args) => {
  const { status, stderr } = run('scripts/run.mjs', ...args);
  expect(stderr).toBe('Say which command: start, demo, dev, build, test, check, db-setup, backup, restore, bench.\n');
  expect(status).toBe(1);
});
