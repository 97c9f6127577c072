import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sumOf, tallyOf, tallyOfPlaywright, tallyOfVitest } from './tally';

const folder = mkdtempSync(join(tmpdir(), 'tally-'));
afterAll(() => rmSync(folder, { recursive: true }));

function report(content: unknown): string {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const UNIT = {
  numPassedTests: 2,
  numPendingTests: 1,
  testResults: [
    {
      name: resolve('lib/a.test.ts'),
      status: 'failed',
      assertionResults: [
        { status: 'passed', fullName: 'A one' },
        { status: 'failed', fullName: 'A two' },
      ],
    },
    { name: resolve('lib/b.test.ts'), status: 'failed', assertionResults: [] },
    { name: resolve('lib/c.test.ts'), status: 'passed', assertionResults: [{ status: 'passed', fullName: 'C' }] },
  ],
};

const BROWSER = {
  stats: { expected: 3, unexpected: 1, flaky: 0, skipped: 1 },
  suites: [
    {
      specs: [],
      suites: [
        {
          specs: [
            { title: 'It opens', ok: false, file: 'door.spec.ts', line: 7 },
            { title: 'It closes', ok: true, file: 'door.spec.ts', line: 9 },
          ],
        },
      ],
    },
  ],
};

describe('What a run of tests came to', () => {
  test('names each unit test that failed, and a file that could not be loaded', () => {
    expect(tallyOfVitest(1, report(UNIT))).toEqual({
      passed: 2,
      failed: 2,
      skipped: 1,
      failures: ['lib/a.test.ts › A two', 'lib/b.test.ts › (the file)'],
    });
  });

  test('names each browser test that failed', () => {
    expect(tallyOfPlaywright(1, report(BROWSER))).toEqual({
      passed: 3,
      failed: 1,
      skipped: 1,
      failures: ['e2e/door.spec.ts:7 › It opens'],
    });
  });

  test.each([
    ['Vitest', tallyOfVitest],
    ['Playwright', tallyOfPlaywright],
  ])('%s that ends badly with no test failed, or leaves no report, is one failure, and says so', (_, tally) => {
    for (const file of [report({}), join(folder, 'none.json')]) {
      const { failed, failures } = tally(7, file);
      expect(failed).toBe(1);
      expect(failures).toEqual([expect.stringContaining('ended with code 7, and not for a test')]);
    }
  });

  test('a run that says it is well and ran nothing is a failure', () => {
    expect(tallyOfVitest(0, report({})).failed).toBe(1);
    expect(tallyOfPlaywright(0, join(folder, 'none.json')).failed).toBe(1);
  });

  test('a sum keeps every failure', () => {
    const sum = sumOf([tallyOf('style', 0), tallyOf('build', 1), tallyOfPlaywright(1, report(BROWSER))]);
    expect(sum).toEqual({ passed: 4, failed: 2, skipped: 1, failures: ['build', 'e2e/door.spec.ts:7 › It opens'] });
  });
});
