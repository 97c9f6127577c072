import { cpus } from 'node:os';

/** Milliseconds that `act` takes. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

/** `times` runs of `act`, one after another: milliseconds each. The first tenth warms up and is dropped. */
export async function series(times: number, act: (run: number) => Promise<number>): Promise<number[]> {
  const warm = Math.ceil(times / 10);
  const taken: number[] = [];
  for (let run = 0; run < times + warm; run += 1) taken.push(await act(run));
  return taken.slice(warm);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly bare: number;
  readonly unit: string;
  /** What was hoped for, as the ratio ours / bare. */
  readonly aim: string;
}

/** Prints ratios first: the machine is somebody's laptop or a shared host, and figures do not travel. */
export function report(title: string, rows: readonly Row[]): void {
  const lines = rows.map(
    ({ what, ours, bare, unit, aim }) =>
      `| ${what} | ${(ours / bare).toFixed(2)} | ${aim} | ${round(ours)} ${unit} | ${round(bare)} ${unit} |`,
  );
  const machine = `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`;
  process.stdout.write(
    `\n${title} (${machine})\n\n| what | ratio | aim | ours | bare |\n|---|---|---|---|---|\n${lines.join('\n')}\n\n`,
  );
}

const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
