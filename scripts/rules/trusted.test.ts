import { readFileSync } from 'node:fs';
import { build, type Metafile } from 'esbuild';
import { expect, test } from 'vitest';

/*
 * How much has to be right for a credential to be made only of signatures: every
 * file of which the issuer's room, or what warden/main.ts hands it, runs anything,
 * counted whole. What differs by target kind (warden/targets/<kind>) is counted
 * with its kind, and the profiles' tables are names of operations, not code.
 */

const INJECTED = `
  export * from './warden/issuer';
  export { openVault } from './warden/vault';
  export { createAuthorityKeeper } from './warden/authority';
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

/** Own files of which anything is run. No module of ours does a thing by being imported (`sideEffects` in package.json). */
const filesOf = (metafile: Metafile): string[] =>
  Object.entries(outputOf(metafile).inputs)
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path !== '<stdin>' && !path.includes('/generated/'))
    .map(([path]) => path);

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
  const files = filesOf(metafile).filter((path) => !TARGET_KIND.test(path) && !TABLES.test(path));
  const rooms: Record<string, number> = {};
  for (const path of files) {
    const room = path.split('/', 2).join('/');
    rooms[room] = (rooms[room] ?? 0) + linesOf(path);
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

test('The process that reads strangers’ bytes carries no code that checks people’s keys', async () => {
  const metafile = await bundleOf("import './gateway/main';");
  expect(packagesOf(metafile)).toContain('graphql');
  expect(packagesOf(metafile)).not.toContain('@simplewebauthn/server');
});
