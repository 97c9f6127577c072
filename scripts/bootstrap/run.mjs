import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';
import { load } from './load.mjs';

/** What every command does first; then it runs `main` of a TypeScript module. A fault is one sentence and exit code 1. */
export async function run(entry) {
  process.chdir(join(dirname(fileURLToPath(import.meta.url)), '../..'));
  try {
    await install();
    const { main } = await load(entry);
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
