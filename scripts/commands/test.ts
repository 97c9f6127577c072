import { join } from 'node:path';
import { generateClient } from '#scripts/installation';
import { findBrowser } from './browser';
import { openRun, type Run } from './run';
import { sumOf, type Tally, tallyOf, tallyOfPlaywright, tallyOfVitest } from './tally';

/** `npm test`: everything, with what failed and one line of sums at the end. */
export async function main(): Promise<void> {
  // Before any server runs: installing a package may restart or stop one.
  const browser = await findBrowser();
  await generateClient();
  const run = openRun();
  const { passed, failed, skipped, failures } = sumOf([
    tallyOf('style', await run.node(['scripts/run.mjs', 'check'])),
    await unitTests(run),
    await browserTests(run, browser),
  ]);
  run.close();
  for (const failure of failures) console.log(`✗ ${failure}`);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exit(failed > 0 ? 1 : 0);
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
  return tallyOfVitest(code, report);
}

async function browserTests(run: Run, browser: string): Promise<Tally> {
  const built = await run.node(['scripts/run.mjs', 'build']);
  if (built !== 0) return tallyOf('build', built);
  const report = join(run.folder, 'browser.json');
  const code = await run.node(['node_modules/@playwright/test/cli.js', 'test'], {
    COUNTERSIGN_REPORT: report,
    CHROMIUM_PATH: browser,
  });
  return tallyOfPlaywright(code, report);
}
