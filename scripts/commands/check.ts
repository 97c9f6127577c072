import { spawn } from 'node:child_process';

interface Tool {
  readonly name: string;
  readonly args: readonly string[];
}

const CRUISE = [
  '--import',
  './scripts/rules/tsx.mjs',
  'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
  '--config',
  '.dependency-cruiser.cjs',
];

const TOOLS: readonly Tool[] = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  {
    name: 'style',
    args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=50'],
  },
  {
    name: 'boundaries',
    args: [
      ...CRUISE,
      'app',
      'components',
      'lib',
      'warden',
      'gateway',
      'testing',
      'scripts',
      'railway-simulator',
      'e2e',
      'proxy.ts',
    ],
  },
  { name: 'dead code', args: ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'] },
];

/** `npm run check`. */
export async function main(): Promise<void> {
  if (!(await check())) process.exit(1);
}

/** Runs the style tools side by side, and shows what a failing one said. */
export async function check(): Promise<boolean> {
  const results = await Promise.all(TOOLS.map(runTool));
  return results.every((passed) => passed);
}

function runTool({ name, args }: Tool): Promise<boolean> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) =>
    child.once('close', (code) => {
      console.log(code === 0 ? `✓ ${name}` : `✗ ${name}\n${output.trim()}`);
      resolve(code === 0);
    }),
  );
}
