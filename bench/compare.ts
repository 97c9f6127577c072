import { readFileSync } from 'node:fs';
import type { StoredRow } from './table';

/**
 * Ratios of one row in two runs differ by this much without a cause, on a machine that does other things too; of a
 * hundred samples the slowest is the p99, and one pause of the machine is enough.
 */
const noiseOf = (what: string): number => (what.endsWith('p99') ? 0.5 : 0.15);

/** `npm run bench -- compare before.json after.json`: the ratios of two runs side by side, and what got worse. */
export function compare(before: string, after: string): string {
  const then = new Map(rowsOf(before).map((row) => [row.what, row]));
  const now = rowsOf(after);
  const lines = now.map((row) => line(row, then.get(row.what)));
  const gone = [...then.keys()].filter((what) => now.every((row) => row.what !== what));
  return [
    '| what | before | after | change | |',
    '|---|---|---|---|---|',
    ...lines,
    ...gone.map((what) => `| ${what} | ${then.get(what)?.ratio.toFixed(2)} | – | | gone |`),
  ].join('\n');
}

const rowsOf = (file: string): StoredRow[] => JSON.parse(readFileSync(file, 'utf8')) as StoredRow[];

function line(row: StoredRow, then: StoredRow | undefined): string {
  if (then === undefined) return `| ${row.what} | – | ${row.ratio.toFixed(2)} | | new |`;
  const change = row.ratio / then.ratio;
  return `| ${row.what} | ${then.ratio.toFixed(2)} | ${row.ratio.toFixed(2)} | × ${change.toFixed(2)} | ${verdict(row, change)} |`;
}

/** Of what is counted a second more is better; of milliseconds, microseconds and memory less is. */
const MORE_IS_BETTER: ReadonlySet<string> = new Set(['/s', '× bare']);

function verdict({ what, unit }: StoredRow, change: number): string {
  const worse = MORE_IS_BETTER.has(unit) ? 1 / change : change;
  const noise = noiseOf(what);
  if (worse > 1 + noise) return 'worse';
  return worse < 1 / (1 + noise) ? 'better' : '';
}
