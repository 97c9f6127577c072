import { buildAll } from '#scripts/installation';
import { openRun } from './run';

/** `npm run bench`: the built product measured against its bare parts. */
export async function main(args: readonly string[]): Promise<void> {
  await buildAll();
  const run = openRun();
  const code = await run.node(['node_modules/vitest/vitest.mjs', 'run', '-c', 'bench/vitest.config.ts', ...args]);
  run.close();
  process.exit(code);
}
