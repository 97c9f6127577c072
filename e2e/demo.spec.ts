import { spawnSync } from 'node:child_process';
import { expect, test } from '@playwright/test';

test('`npm run demo` tells the whole story by itself, and every outcome of it holds', () => {
  test.setTimeout(180_000);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/run.mjs', 'demo', '--exit'], {
    encoding: 'utf8',
    timeout: 170_000,
  });
  expect(stderr).toBe('');
  expect(stdout).toContain('says it is PRODUCTION');
  expect(stdout.match(/nightly \d{4}-\d\d-\d\d/g)?.length).toBeGreaterThanOrEqual(3);
  expect(stdout.match(/ yes {2}/g)).toHaveLength(6);
  expect(stdout).not.toContain(' NO  ');
  // By the demo's own clock, which begins when everything is built: the minute it promises.
  const seconds = [...stdout.matchAll(/^ *(\d+\.\d)s {2}/gm)].map(([, told]) => Number(told));
  expect(seconds.length).toBeGreaterThan(10);
  expect(Math.max(...seconds)).toBeLessThan(60);
  expect(status).toBe(0);
});
