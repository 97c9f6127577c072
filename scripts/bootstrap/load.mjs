import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Imports a TypeScript module of ours on a Node that cannot: bundled by esbuild, packages left outside. */
export async function load(entry) {
  const { build } = await import('esbuild');
  const dir = 'node_modules/.cache/countersign';
  const name = `${entry.replaceAll('/', '-')}.mjs`;
  const draft = join(dir, `${process.pid}-${name}`);
  mkdirSync(dir, { recursive: true });
  await build({
    entryPoints: [entry],
    outfile: draft,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  // Moved into place whole: two starters at once each read a finished file.
  renameSync(draft, join(dir, name));
  return import(pathToFileURL(join(process.cwd(), dir, name)).href);
}
