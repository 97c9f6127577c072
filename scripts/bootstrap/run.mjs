import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';
import { load } from './load.mjs';
import { endWithNpm } from './npm.mjs';

/** The modules a command runs, in their order, each by its `main`. */
const COMMANDS = {
  start: ['start'],
  demo: ['generate', 'demo'],
  dev: ['dev'],
  build: ['build'],
  test: ['test'],
  check: ['check'],
  'db-setup': ['db-setup'],
  backup: ['backup'],
  restore: ['restore'],
  bench: ['bench'],
};

/** Installs what is missing, then runs the command. A fault is one sentence and exit code 1. */
export async function run(command, args) {
  process.chdir(join(dirname(fileURLToPath(import.meta.url)), '../..'));
  try {
    if (!Object.hasOwn(COMMANDS, command)) throw new Error(`Say which command: ${Object.keys(COMMANDS).join(', ')}.`);
    endWithNpm();
    await install();
    for (const name of COMMANDS[command]) {
      const { main } = await load(`scripts/commands/${name}.ts`);
      await main(args);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
