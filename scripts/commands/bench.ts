import { buildAll } from '#scripts/installation';
import { compare } from '../../bench/compare';
import { openRun } from './run';

/** `npm run bench`: the built product measured against its bare parts. `-- NAME` runs the parts of that name; `-- compare A B` compares two runs that BENCH_OUT kept. */
export async function main(args: readonly string[]): Promise<void> {
  const [first, before, after] = args;
  if (first === 'compare') {
    if (before === undefined || after === undefined)
      throw new Error('Name two files: npm run bench -- compare before.json after.json');
    return console.log(compare(before, after));
  }
  await buildAll();
  const run = openRun();
  const code = await run.node(['node_modules/vitest/vitest.mjs', 'run', '-c', 'bench/vitest.config.ts', ...args]);
  run.close();
  process.exit(code);
}
