import { spawnSync } from 'node:child_process';
import { buildAll } from '#scripts/installation';

/** `npm run bench`: the built product measured against its bare parts. */
export async function main(args: readonly string[]): Promise<void> {
  await buildAll();
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '-c', 'bench/vitest.config.ts', ...args],
    { stdio: 'inherit' },
  );
  process.exit(status ?? 1);
}
