import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll, generateClient } from '#scripts/installation';
import { findBrowser } from './browser';
import { check } from './check';

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
  const tallies = [await checked(), await unitTests(), await browserTests(browser)];
  const sum = (key: keyof Tally): number => tallies.reduce((total, tally) => total + tally[key], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
  process.exit(sum('failed') > 0 ? 1 : 0);
}

async function checked(): Promise<Tally> {
  return (await check()) ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function unitTests(): Promise<Tally> {
  const report = reportFile();
  const code = await run(
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    process.env,
  );
  const {
    numPassedTests: passed = 0,
    numFailedTests: failed = 0,
    numPendingTests: pending = 0,
    numTodoTests: todo = 0,
  } = read(report);
  return atLeastOneFailure(code, { passed, failed, skipped: pending + todo });
}

async function browserTests(browser: string): Promise<Tally> {
  try {
    await buildAll();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const report = reportFile();
  const env = { ...process.env, COUNTERSIGN_REPORT: report, CHROMIUM_PATH: browser };
  const code = await run(['node_modules/@playwright/test/cli.js', 'test'], env);
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = read(report)['stats'] ?? {};
  return atLeastOneFailure(code, { passed: expected + flaky, failed: unexpected, skipped });
}

/** A run that broke before its tests did is a failure too. */
function atLeastOneFailure(code: number, tally: Tally): Tally {
  return code === 0 || tally.failed > 0 ? tally : { ...tally, failed: 1 };
}

const reportFile = (): string => join(mkdtempSync(join(tmpdir(), 'countersign-report-')), 'report.json');

// biome-ignore lint/suspicious/noExplicitAny: two tools' reports, of which only counts are read, each with a default.
function read(report: string): any {
  return existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
