import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build, context } from 'esbuild';
import { reapAfterDeath } from '#scripts/reaper';
import { progress } from '../bootstrap/install.mjs';
import { AGENT_DOCUMENT, PRINTER, writeAgentDocument } from './agent-document';

const run = promisify(execFile);

/** Everything that is built from sources, each only when its sources changed. */
export async function buildAll(): Promise<void> {
  await generateClient();
  await buildWarden();
  await buildGateway();
  await buildWeb();
}

/** Prisma's client. It needs no engine to generate, but asks for the path of one. */
export async function generateClient(): Promise<void> {
  await whenChanged('lib/db/generated/.countersign-stamp', ['prisma/schema.prisma', 'package-lock.json'], async () => {
    const env = {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    };
    await run(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], { env });
  });
}

const PROCESSES = ['warden', 'gateway'] as const;

/** What a process's bundle is made of. */
const SOURCES = {
  warden: ['warden', 'lib', PRINTER.entryPoints[0], 'package-lock.json'],
  gateway: ['gateway', 'lib', 'package-lock.json'],
} as const;

const PROGRAM = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'error',
} as const satisfies BuildOptions;

const bundle = (name: (typeof PROCESSES)[number]): BuildOptions => ({
  ...PROGRAM,
  entryPoints: [`${name}/main.ts`],
  outfile: `dist/${name}.mjs`,
  sourcemap: true,
});

const printer: BuildOptions = { ...PROGRAM, ...PRINTER, entryPoints: [...PRINTER.entryPoints] };

const PAGES = 'warden/sign/page';

/** The warden's bundle, its document and its pages. The pages are not minified: somebody should be able to read what they sign with. */
async function buildWarden(): Promise<void> {
  // Whoever removed the document is told by the warden to build it again.
  if (!existsSync(AGENT_DOCUMENT)) rmSync('dist/.warden-stamp', { force: true });
  await whenChanged('dist/.warden-stamp', SOURCES.warden, async () => {
    await build(bundle('warden'));
    await buildAgentDocument();
    await build(pageOptions());
    copyPages();
  });
}

async function buildAgentDocument(): Promise<void> {
  await build(printer);
  await writeAgentDocument();
  rmSync(PRINTER.outfile);
}

async function buildGateway(): Promise<void> {
  await whenChanged('dist/.gateway-stamp', SOURCES.gateway, async () => void (await build(bundle('gateway'))));
}

/** Builds the warden and the gateway again whenever a source of theirs changes, and says which one was built. */
export async function watchProcesses(built: (name: (typeof PROCESSES)[number]) => void): Promise<void> {
  // Before the warden starts: what is watched below is built beside it.
  await buildAgentDocument();
  process.once('exit', () => rmSync(PRINTER.outfile, { force: true }));
  const describe = async (): Promise<void> => void ((await writeAgentDocument()) && built('warden'));
  const watched = [
    { options: printer, done: () => void describe().catch(console.error) },
    { options: bundle('warden'), done: () => built('warden') },
    { options: bundle('gateway'), done: () => built('gateway') },
    { options: pageOptions(), done: copyPages },
  ];
  for (const { options, done } of watched) {
    const plugin = { name: 'built', setup: (it: { onEnd(act: () => void): void }) => it.onEnd(done) };
    await (await context({ ...options, plugins: [plugin] })).watch();
  }
}

function pageOptions(): BuildOptions {
  const entryPoints = existsSync(PAGES)
    ? readdirSync(PAGES).filter((name) => /(?<!\.test)\.(ts|css)$/.test(name) && !name.endsWith('.d.ts'))
    : [];
  return {
    entryPoints: entryPoints.map((name) => join(PAGES, name)),
    outdir: 'dist/sign',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['*.woff2'],
    legalComments: 'inline',
    logLevel: 'error',
  };
}

function copyPages(): void {
  mkdirSync('dist/sign', { recursive: true });
  if (!existsSync(PAGES)) return;
  for (const name of readdirSync(PAGES))
    if (name.endsWith('.html')) copyFileSync(join(PAGES, name), join('dist/sign', basename(name)));
}

/** The console, by `next build`. */
async function buildWeb(): Promise<void> {
  const sources = [
    'app',
    'components',
    'lib',
    'public',
    'proxy.ts',
    'next.config.js',
    'postcss.config.mjs',
    'package-lock.json',
    'prisma/schema.prisma',
  ];
  await whenChanged('.next/.countersign-stamp', sources, async () => {
    const log = await progress('Building the console (about half a minute)', nextBuild());
    if (log !== null) throw new Error(`next build failed; it says:\n${log.trim().split('\n').slice(-15).join('\n')}`);
  });
}

function nextBuild(): Promise<string | null> {
  const env = { ...process.env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' };
  const child = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a group of its own, which the reaper ends whole: it has workers.
    detached: true,
  });
  const ended = child.pid === undefined ? () => undefined : reapAfterDeath({ group: child.pid });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  return new Promise((resolve) =>
    child.once('close', (code) => {
      ended();
      resolve(code === 0 ? null : log);
    }),
  );
}

/** Keeps the sources' hash beside what was made of them. */
async function whenChanged(stamp: string, sources: readonly string[], make: () => Promise<void>): Promise<void> {
  const hash = createHash('sha256');
  for (const source of sources) addTo(hash, source);
  const now = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  rmSync(stamp, { force: true });
  await make();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}

function addTo(hash: ReturnType<typeof createHash>, path: string): void {
  if (!existsSync(path) || path === 'lib/db/generated' || /\.test\.tsx?$/.test(path)) return;
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) addTo(hash, `${path}/${name}`);
  } else {
    hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  }
}
