import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { z } from 'zod';

/** What one run of tests came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, a line each: the file and the test. */
  readonly failures: readonly string[];
}

/** A tool that has no report but its exit code. */
export const tallyOf = (name: string, code: number): Tally =>
  code === 0 ? { passed: 1, failed: 0, skipped: 0, failures: [] } : { ...NOTHING, failed: 1, failures: [name] };

/** From Vitest's JSON report. A file that could not be loaded has no test of its own, and fails all the same. */
export function tallyOfVitest(code: number, file: string): Tally {
  const report = VITEST.parse(read(file));
  const failures = report.testResults.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed').map((test) => test.fullName);
    return (failed.length === 0 && status === 'failed' ? ['(the file)'] : failed).map(
      (test) => `${short(name)} › ${test}`,
    );
  });
  const skipped = report.numPendingTests + report.numTodoTests;
  return checkedAgainst(code, 'unit tests', {
    passed: report.numPassedTests,
    failed: failures.length,
    skipped,
    failures,
  });
}

/** From Playwright's JSON report. */
export function tallyOfPlaywright(code: number, file: string): Tally {
  const { stats, suites } = PLAYWRIGHT.parse(read(file));
  const failures = suites.flatMap(failuresOf);
  return checkedAgainst(code, 'browser tests', {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
    failures,
  });
}

export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, tally) => ({
      passed: sum.passed + tally.passed,
      failed: sum.failed + tally.failed,
      skipped: sum.skipped + tally.skipped,
      failures: [...sum.failures, ...tally.failures],
    }),
    NOTHING,
  );
}

const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** A run that broke outside its tests, before them or beside them, is a failure too, and so is one that ran none. */
function checkedAgainst(code: number, name: string, tally: Tally): Tally {
  if (tally.failed > 0 || (code === 0 && tally.passed > 0)) return tally;
  return {
    ...tally,
    failed: 1,
    failures: [`${name} ended with code ${code}, and not for a test: an error outside every test is printed above`],
  };
}

const count = z.number().default(0);

const VITEST = z.object({
  numPassedTests: count,
  numPendingTests: count,
  numTodoTests: count,
  testResults: z
    .array(
      z.object({
        name: z.string(),
        status: z.string(),
        assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })).default([]),
      }),
    )
    .default([]),
});

interface Suite {
  readonly specs?:
    | readonly { readonly title: string; readonly ok: boolean; readonly file: string; readonly line: number }[]
    | undefined;
  readonly suites?: readonly Suite[] | undefined;
}

const suite: z.ZodType<Suite> = z.lazy(() =>
  z.object({
    specs: z.array(z.object({ title: z.string(), ok: z.boolean(), file: z.string(), line: z.number() })).optional(),
    suites: z.array(suite).optional(),
  }),
);

const PLAYWRIGHT = z.object({
  stats: z.object({ expected: count, unexpected: count, flaky: count, skipped: count }).prefault({}),
  suites: z.array(suite).default([]),
});

function failuresOf({ specs = [], suites = [] }: Suite): string[] {
  const own = specs.filter(({ ok }) => !ok).map(({ file, line, title }) => `e2e/${file}:${line} › ${title}`);
  return [...own, ...suites.flatMap(failuresOf)];
}

const short = (file: string): string => relative(process.cwd(), file);

const read = (file: string): unknown => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
