import { readFileSync } from 'node:fs';
import { build, type Metafile, transformSync } from 'esbuild';
import { expect, test } from 'vitest';

/*
 * How much has to be right for a credential to be made only of signatures: the
 * issuer's room, everything it runs, and everything warden/main.ts hands it; of a
 * file of which only a part is called, that share of its lines. What differs by
 * target kind (warden/targets/<kind>) is counted with its kind, and the profiles'
 * tables are names of operations, not code.
 */

const INJECTED = `
  export * from './warden/issuer';
  export { openVault } from './warden/vault';
  export { createAuthorityCache } from './warden/authority';
  export { createGateways } from './warden/head';
  export { createTargets } from './warden/targets';
  export { tokenParts } from './warden/tokens';
  export { recordedAlarms } from './warden/pulse';
  export { connect, listen } from './lib/db';
  export { createLog } from './lib/http/wire';
`;

/** Whoever adds to this list has read what it brings. */
const PACKAGES = [
  '@prisma/adapter-pg',
  '@prisma/client',
  '@simplewebauthn/server',
  'canonicalize',
  'jose',
  'pg',
  'pino',
  'rate-limiter-flexible',
  'zod',
];

/** Above it, nobody reads it in an afternoon. */
const MOST_LINES = 4_000;

async function bundleOf(contents: string): Promise<Metafile> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    ...{ bundle: true, platform: 'node', format: 'esm', packages: 'external', metafile: true, write: false },
  });
  return metafile;
}

const outputOf = ({ outputs }: Metafile) => Object.values(outputs)[0] ?? { inputs: {}, imports: [] };

/** Own files, with the share of each that is left when what nothing calls is dropped. */
const filesOf = (metafile: Metafile): Array<readonly [path: string, share: number]> =>
  Object.entries(outputOf(metafile).inputs)
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path !== '<stdin>' && !path.includes('/generated/'))
    .map(([path, { bytesInOutput }]) => [path, Math.min(1, bytesInOutput / codeOf(path))]);

/** Bytes of the whole file as the bundler prints it. */
const codeOf = (path: string): number =>
  Buffer.byteLength(transformSync(readFileSync(path, 'utf8'), { loader: 'ts', format: 'esm' }).code);

const packagesOf = (metafile: Metafile): string[] => {
  const names = outputOf(metafile)
    .imports.map(({ path }) => path)
    .filter((path) => !path.startsWith('node:'))
    .map((path) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].sort();
};

/** Without blanks and comments. */
const linesOf = (path: string): number =>
  readFileSync(path, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/.*)?$/.test(line)).length;

const TARGET_KIND = /^warden\/targets\/[^/]+\//;
const TABLES = /^lib\/profiles\/[^/]+\//;

test('What a credential hangs on is small enough to be read, and calls these packages only', async () => {
  const metafile = await bundleOf(INJECTED);
  const files = filesOf(metafile).filter(([path]) => !TARGET_KIND.test(path) && !TABLES.test(path));
  const rooms: Record<string, number> = {};
  for (const [path, share] of files) {
    const room = path.split('/', 2).join('/');
    rooms[room] = (rooms[room] ?? 0) + Math.ceil(linesOf(path) * share);
  }
  const lines = Object.values(rooms).reduce((sum, each) => sum + each, 0);
  console.log(`trusted to mint: ${lines} lines in ${files.length} files`, rooms);
  expect(rooms['warden/issuer']).toBeGreaterThan(100);
  expect(packagesOf(metafile)).toEqual(PACKAGES);
  expect(lines).toBeLessThanOrEqual(MOST_LINES);
});

test('The process that holds the signing key reads no stranger’s GraphQL, calls no provider and unpacks nothing', async () => {
  const metafile = await bundleOf("import './warden/main';");
  expect(packagesOf(metafile).filter((name) => ['graphql', 'undici', 'ipaddr.js'].includes(name))).toEqual([]);
  const unpackers = Object.entries(metafile.inputs).filter(([, { imports }]) =>
    imports.some(({ path }) => path === 'node:zlib'),
  );
  // A checksum at the end of each token.
  expect(unpackers.map(([path]) => path)).toEqual(['lib/core/token.ts']);
  expect(readFileSync('lib/core/token.ts', 'utf8')).toContain("import { crc32 } from 'node:zlib';");
});
