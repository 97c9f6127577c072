import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startServer } from '#testing/database';
import { collectIn, keptRows, rowLines } from './table';

/** A PostgreSQL as in production: every commit is on disk. At the end, one table of everything that was measured. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-rows-'));
  const file = join(dir, 'rows.jsonl');
  collectIn(file);
  const stop = await startServer(project, { throwaway: false });
  return async () => {
    const rows = keptRows(file);
    process.stdout.write(`\n${rowLines(rows).join('\n')}\n\n`);
    const out = process.env['BENCH_OUT'];
    if (out !== undefined) writeFileSync(out, `${JSON.stringify(rows, null, 2)}\n`);
    rmSync(dir, { recursive: true });
    await stop();
  };
};
