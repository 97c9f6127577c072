import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/*
 * A guard that looks at nothing passes too. Each rule is shown a violation, in
 * a copy of the sources.
 */

const FOLDERS = ['app', 'components', 'lib', 'warden', 'gateway', 'testing', 'scripts'];
const FILES = ['package.json', 'tsconfig.json', 'biome.json', '.dependency-cruiser.cjs'];
const cwd = mkdtempSync(join(tmpdir(), 'countersign-rules-'));

beforeAll(() => {
  for (const name of [...FOLDERS, ...FILES]) cpSync(name, join(cwd, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(cwd, 'node_modules'));
});

afterAll(() => rmSync(cwd, { recursive: true }));

const CRUISE = [
  '--import',
  './scripts/rules/tsx.mjs',
  'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
  '--config',
  '.dependency-cruiser.cjs',
];

interface Cruised {
  readonly modules: ReadonlyArray<{
    readonly source: string;
    readonly dependencies: ReadonlyArray<{ readonly resolved: string }>;
  }>;
  readonly summary: {
    readonly violations: ReadonlyArray<{ readonly from: string; readonly rule: { readonly name: string } }>;
  };
}

function cruise(...paths: readonly string[]): Cruised {
  const { stdout } = spawnSync(process.execPath, [...CRUISE, '--output-type', 'json', ...paths], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256_000_000,
  });
  return JSON.parse(stdout) as Cruised;
}

function seed(path: string, text: string): void {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text);
}

const VIOLATIONS: ReadonlyArray<readonly [rule: string, path: string, text: string]> = [
  ['doors-only', 'lib/policy/zz-seed.ts', "import '../core/digest';\n"],
  ['doors-only-from-outside', 'app/zz-seed.tsx', "import '../lib/core/digest';\nexport const seed = <b>x</b>;\n"],
  ['app-apart-from-warden', 'app/zz-seed.ts', "import '#warden/vault';\n"],
  ['app-apart-from-warden', 'lib/http/zz-seed.ts', "import '#gateway/callers';\n"],
  ['gateway-apart-from-warden', 'gateway/callers/zz-seed.ts', "import '#warden/vault';\n"],
  ['warden-apart-from-gateway', 'warden/vault/zz-seed.ts', "import '#gateway/vault';\n"],
  ['gateway-is-opened-from-outside', 'gateway/proxy/zz-seed.ts', "import '../open';\n"],
  ['documents-apart-from-warden', 'warden/vault/zz-seed.ts', "import '#lib/documents';\n"],
  ['warden-apart-from-web', 'warden/vault/zz-seed.ts', "import 'react';\n"],
  ['targets-are-islands', 'warden/targets/token/zz-seed.ts', "import '../postgres';\n"],
  ['targets-by-their-door', 'warden/targets/zz-seed.ts', "import './postgres/role/end';\n"],
  ['session-apart-from-routes', 'app/session/zz-seed.ts', "import '../api/console/route-kit';\n"],
  ['prisma-in-db-only', 'lib/audit/zz-seed.ts', "import '@prisma/client';\n"],
  ['webauthn-server-in-two-files', 'lib/identity/zz-seed.ts', "import '@simplewebauthn/server';\n"],
  ['jose-where-decided', 'lib/http/zz-seed.ts', "import 'jose';\n"],
  ['tests-stay-outside', 'scripts/installation/zz-seed.ts', "import '#testing/security-key';\n"],
  ['demo-takes-a-key-only', 'scripts/demo/zz-seed.ts', "import '#testing/people';\n"],
  ['no-unresolvable', 'lib/http/zz-seed.ts', "import './nowhere';\n"],
];

for (const [rule, path, text] of VIOLATIONS) {
  test(`The cruise refuses a seeded violation of ${rule}`, () => {
    seed(path, text);
    const found = cruise(path).summary.violations.filter(({ from }) => from === path);
    expect(found.map((violation) => violation.rule.name)).toContain(rule);
  });
}

interface Rules {
  readonly forbidden: ReadonlyArray<{ readonly name: string; readonly to: { readonly path?: string } }>;
}

const rules = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as Rules;

/** `lib/http` is three rooms and no door. */
const doorOf = (building: string, room: string): string =>
  building === 'lib' && room === 'http' ? '#lib/http/wire' : `#${building}/${room}`;

/** The rules that keep an order, each with the next room to the right. */
const STEPS = rules.forbidden.flatMap(({ name, to }) => {
  const [, building, room] = /^(lib|warden|gateway)-order-(.+)$/.exec(name) ?? [];
  const [, next] = /\(\?:([a-z]+)/.exec(to.path ?? '') ?? [];
  return building === undefined || room === undefined || next === undefined ? [] : [{ name, building, room, next }];
});

test('The cruise refuses a step to the right from every room', () => {
  for (const { building, room, next } of STEPS)
    seed(`${building}/${room}/zz-step.ts`, `import '${doorOf(building, next)}';\n`);
  const { violations } = cruise('lib', 'warden', 'gateway').summary;
  const found = violations.filter(({ from }) => from.endsWith('/zz-step.ts')).map(({ rule }) => rule.name);
  expect(STEPS.length).toBeGreaterThan(35);
  expect(STEPS.map(({ name }) => name).filter((name) => !found.includes(name))).toEqual([]);
  for (const { building, room } of STEPS) rmSync(join(cwd, `${building}/${room}/zz-step.ts`));
});

test('The cruise refuses a start that reaches what tests sign with, however long the way', () => {
  seed('scripts/installation/zz-way.ts', "import '#scripts/demo';\n");
  seed('scripts/commands/start.ts', "import '../installation/zz-way';\n");
  const found = cruise('scripts/commands/start.ts').summary.violations;
  expect(found.map(({ from, rule }) => `${from} ${rule.name}`)).toContain(
    'scripts/commands/start.ts start-runs-no-test-code',
  );
});

test('The cruise refuses a service that records nothing (P4)', () => {
  seed('lib/zzseed/service.ts', "import '#lib/core';\n");
  expect(cruise('lib/zzseed').summary.violations.map(({ rule }) => rule.name)).toContain('services-are-recorded');
});

test('The cruise sees the modules, and follows the import map into folders', () => {
  const { modules } = cruise('lib', 'warden');
  expect(modules.length).toBeGreaterThan(50);
  const append = modules.find(({ source }) => source === 'lib/audit/append.ts');
  expect(append?.dependencies.map(({ resolved }) => resolved)).toContain('lib/core/index.ts');
});

/** What the linter says of a path, as JSON. */
const lint = (path: string): string =>
  spawnSync(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'lint', '--reporter=json', path], {
    cwd,
    encoding: 'utf8',
  }).stdout;

test('The linter refuses a second verifier of tokens', () => {
  const path = 'lib/grants/zz-seed.ts';
  seed(
    path,
    "import { verify } from 'node:crypto';\nimport { jwtVerify } from 'jose';\nexport const seed = [verify, jwtVerify];\n",
  );
  expect(lint(path).match(/lint\/style\/noRestrictedImports/g)).toHaveLength(2);
});

test('The linter refuses a clock in a file that decides, a floating promise and a forgotten case', () => {
  seed('lib/policy/rules.ts', 'export const late = (): boolean => Date.now() > 0;\n');
  seed(
    'lib/policy/zz-seed.ts',
    "const go = async (): Promise<void> => undefined;\nexport function seed(kind: 'a' | 'b'): void {\n  go();\n  switch (kind) {\n    case 'a':\n  }\n}\n",
  );
  const said = lint('lib/policy');
  for (const rule of ['plugin', 'noFloatingPromises', 'useExhaustiveSwitchCases']) expect(said).toContain(rule);
});

test('The linter refuses a browser test that looks outside <main>, where React keeps hidden copies', () => {
  seed(
    'e2e/zz-seed.ts',
    "import type { Page } from '@playwright/test';\nexport const seed = (page: Page, owner: { page: Page }) => [\n  page.getByText('a'),\n  owner.page.locator('a'),\n  page.getByRole('main').getByText('a'),\n];\n",
  );
  expect(lint('e2e/zz-seed.ts').match(/Look inside a role/g)).toHaveLength(2);
});
