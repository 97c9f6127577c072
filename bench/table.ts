import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly bare: number;
  readonly unit: string;
  /** What was hoped for, as the ratio ours / bare; empty where the row only tells. */
  readonly aim: string;
}

/** A row as it is written to a file. */
export interface StoredRow extends Row {
  readonly ratio: number;
}

/** One file collects the rows of all parts, since each part runs in a process of its own. */
const ROWS = 'BENCH_ROWS_FILE';

export function keepRows(rows: readonly Row[]): void {
  const file = process.env[ROWS];
  if (file !== undefined) for (const row of rows) appendFileSync(file, `${JSON.stringify(row)}\n`);
}

/** Says where rows are collected, to this process and to those it starts. */
export function collectIn(file: string): void {
  process.env[ROWS] = file;
}

export function keptRows(file: string): StoredRow[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
    .map(({ what, ours, bare, unit, aim }) => ({ what, ratio: ours / bare, ours, bare, unit, aim }));
}

/** Ratios first: the machine is somebody's laptop or a shared host, and figures do not travel. */
export const rowLines = (rows: readonly Row[]): string[] => [
  '| what | ratio | aim | ours | bare |',
  '|---|---|---|---|---|',
  ...rows.map(
    ({ what, ours, bare, unit, aim }) =>
      `| ${what} | ${(ours / bare).toFixed(2)} | ${aim} | ${round(ours)} ${unit} | ${round(bare)} ${unit} |`,
  ),
];

const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
