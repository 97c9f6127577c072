import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateClient } from '#scripts/installation';
import { findBrowser } from './browser';
import { openRun, type Run } from './run';

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** `npm test`: everything, with one line of sums at the end. */
export async function main(): Promise<void> {
  // Before any server runs: installing a package may restart or stop one.
  const browser = await findBrowser();
  await generateClient();
  const run = openRun();
  const tallies = [await checked(run), await unitTests(run), await browserTests(run, browser)];
  run.close();
  const sum = (key: keyof Tally): number => tallies.reduce((total, tally) => total + tally[key], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
  process.exit(sum('failed') > 0 ? 1 : 0);
}

const FAILED: Tally = { passed: 0, failed: 1, skipped: 0 };

async function checked(run: Run): Promise<Tally> {
  return (await run.node(['scripts/run.mjs', 'check'])) === 0 ? { passed: 1, failed: 0, skipped: 0 } : FAILED;
}

async function unitTests(run: Run): Promise<Tally> {
  const report = join(run.folder, 'unit.json');
  const code = await run.node([
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const {
    numPassedTests: passed = 0,
    numFailedTests: failed = 0,
    numPendingTests: pending = 0,
    numTodoTests: todo = 0,
  } = read(report);
  return atLeastOneFailure(code, { passed, failed, skipped: pending + todo });
}

async function browserTests(run: Run, browser: string): Promise<Tally> {
  if ((await run.node(['scripts/run.mjs', 'build'])) !== 0) return FAILED;
  const report = join(run.folder, 'browser.json');
  const code = await run.node(['node_modules/@playwright/test/cli.js', 'test'], {
    COUNTERSIGN_REPORT: report,
    CHROMIUM_PATH: browser,
  });
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = read(report)['stats'] ?? {};
  return atLeastOneFailure(code, { passed: expected + flaky, failed: unexpected, skipped });
}

/** A run that broke before its tests did is a failure too. */
function atLeastOneFailure(code: number, tally: Tally): Tally {
  return code === 0 || tally.failed > 0 ? tally : { ...tally, failed: 1 };
}

// biome-ignore lint/suspicious/noExplicitAny: two tools' reports, of which only counts are read, each with a default.
function read(report: string): any {
  return existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
}
