import { cpus, loadavg } from 'node:os';
import { keepRows, type Row, rowLines } from './table';

/** Milliseconds that `act` takes. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

/** `count` runs of `act`, one after another. The first tenth warms up and is dropped. */
export async function series<T>(count: number, act: (run: number) => Promise<T>): Promise<T[]> {
  const warm = Math.ceil(count / 10);
  const taken: T[] = [];
  for (let run = 0; run < count + warm; run += 1) taken.push(await act(run));
  return taken.slice(warm);
}

export interface Pairs<T, B> {
  readonly ours: readonly T[];
  readonly bare: readonly B[];
}

/** The same for two things by turns, so that whatever else the machine does falls on both. */
export async function pairs<T, B>(
  count: number,
  ours: (run: number) => Promise<T>,
  bare: (run: number) => Promise<B>,
): Promise<Pairs<T, B>> {
  const taken = await series(count, async (run) => ({ ours: await ours(run), bare: await bare(run) }));
  return { ours: taken.map((one) => one.ours), bare: taken.map((one) => one.bare) };
}

export const merged = <T, B>(rounds: ReadonlyArray<Pairs<T, B>>): Pairs<T, B> => ({
  ours: rounds.flatMap(({ ours }) => ours),
  bare: rounds.flatMap(({ bare }) => bare),
});

/** Rounds in which several things that take seconds alternate. */
export const ROUNDS = 4;

/** `count` runs of `act`, `clients` at a time, in no order. */
export async function together<T>(clients: number, count: number, act: (run: number) => Promise<T>): Promise<T[]> {
  const taken: T[] = [];
  let run = 0;
  const client = async (): Promise<void> => {
    while (run < count) {
      run += 1;
      taken.push(await act(run));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return taken;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** p50 and p99, milliseconds. The aim is the one for p50, and for p99 too unless another is said. */
export const percentiles = (
  what: string,
  { ours, bare }: Pairs<number, number>,
  { p50 = '', p99 = p50 }: { readonly p50?: string; readonly p99?: string } = {},
): Row[] =>
  [[0.5, p50] as const, [0.99, p99] as const].map(([share, aim]) => ({
    what: `${what}, p${share * 100}`,
    ours: percentile(ours, share),
    bare: percentile(bare, share),
    unit: 'ms',
    aim,
  }));

/** Prints one part's rows at once, and keeps them for the table at the end. */
export function report(title: string, rows: readonly Row[]): void {
  const load = loadavg()[0]?.toFixed(1);
  const machine = `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}, load ${load}`;
  process.stdout.write(`\n${title} (${machine})\n\n${rowLines(rows).join('\n')}\n\n`);
  keepRows(rows.map((row) => ({ ...row, what: `${title}: ${row.what}` })));
}
