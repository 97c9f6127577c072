import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Layout, ProcessUsers } from '#scripts/folder';
import type { Owner } from '#scripts/machine';
import type { Program } from '#scripts/supervision';
import { runtimePackages } from './runtime';

/** What a process opens first. */
const NEEDED = [
  'package.json',
  'dist/warden.mjs',
  'dist/agent-openapi.json',
  'dist/gateway.mjs',
  '.next/BUILD_ID',
  'node_modules/next/package.json',
  'scripts/supervision/leash.mjs',
];

const BUILT = ['package.json', 'next.config.js', 'dist', '.next', 'public', 'scripts/supervision/leash.mjs'];

/** Of `.next`, what only building uses. */
const LEFT_OUT = new Set(['.next/cache', '.next/dev', '.next/trace', '.next/trace-build', '.next/types']);

/**
 * Where the processes run: in the checkout where their users can read it, else
 * in a copy of the build beside their folders, since a checkout that its owner
 * keeps closed stays closed.
 */
export async function programFor(
  layout: Layout,
  users: ProcessUsers | null,
  say: (line: string) => void,
  here: Program = { cwd: process.cwd(), node: process.execPath },
): Promise<Program> {
  if (users === null || (await allCanRun(here, users))) return here;
  const copy: Program = { cwd: layout.app, node: join(layout.app, 'bin/node') };
  const stamp = stampOf(here);
  if (!isCurrent(layout.app, stamp)) {
    say(`The users of the processes cannot read ${here.cwd}: they run from a copy in ${layout.app}.`);
    makeCopy(here, layout.app, stamp);
  }
  if (await allCanRun(copy, users)) return copy;
  throw new Error(
    `The users countersign-web, -warden and -gateway cannot enter ${layout.dir}: set COUNTERSIGN_DIR to a folder that others can pass into, like /var/lib/countersign.`,
  );
}

async function allCanRun(program: Program, users: ProcessUsers): Promise<boolean> {
  const can = await Promise.all(Object.values(users).map((user: Owner) => canRun(program, user)));
  return can.every((one) => one);
}

/** Asked of the system itself, as that user: modes alone do not say it where there are access lists. */
function canRun({ cwd, node }: Program, user: Owner): Promise<boolean> {
  const paths = JSON.stringify(NEEDED.map((path) => join(cwd, path)));
  const program = `for (const path of ${paths}) require('node:fs').accessSync(path, 4)`;
  return new Promise((resolve) => {
    execFile(node, ['-e', program], { ...user, cwd: '/' }, (error) => resolve(error === null));
  });
}

const STAMPS = ['dist/.warden-stamp', 'dist/.gateway-stamp', '.next/.countersign-stamp', 'package-lock.json'];

/** Changes whenever a build or the packages do. */
function stampOf({ cwd, node }: Program): string {
  const hash = createHash('sha256').update(`${process.version} ${node} ${cwd}`);
  for (const path of STAMPS)
    if (existsSync(join(cwd, path))) hash.update(`\0${path}\0`).update(readFileSync(join(cwd, path)));
  return hash.digest('hex');
}

const isCurrent = (app: string, stamp: string): boolean => {
  const file = join(app, '.countersign-stamp');
  return existsSync(file) && readFileSync(file, 'utf8') === stamp;
};

/** Made beside its place and moved there whole, so that an interrupted start leaves nothing half made. */
function makeCopy({ cwd, node }: Program, app: string, stamp: string): void {
  const draft = `${app}.new`;
  rmSync(draft, { recursive: true, force: true });
  for (const path of [...BUILT, ...runtimePackages(cwd)])
    if (existsSync(join(cwd, path))) copy(cwd, path, draft, statSync(join(cwd, path)));
  place(node, join(draft, 'bin/node'), statSync(node));
  writeFileSync(join(draft, '.countersign-stamp'), stamp);
  const old = `${app}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(app)) renameSync(app, old);
  renameSync(draft, app);
  rmSync(old, { recursive: true, force: true });
}

function copy(root: string, path: string, into: string, found = lstatSync(join(root, path))): void {
  if (LEFT_OUT.has(path)) return;
  const [from, to] = [join(root, path), join(into, path)];
  if (found.isDirectory()) {
    folder(to);
    for (const name of readdirSync(from)) copy(root, join(path, name), into);
  } else if (found.isSymbolicLink()) {
    const target = readlinkSync(from);
    // What leads out of the checkout is of no use to those who cannot enter it.
    if (!target.startsWith(sep)) {
      folder(dirname(to));
      symlinkSync(target, to);
    }
  } else if (found.isFile()) place(from, to, found);
}

/** A hard link where everybody may read the file and only root may change it; else a copy of which that is true. */
function place(from: string, to: string, { mode, uid }: Stats): void {
  folder(dirname(to));
  if (uid === 0 && (mode & 0o022) === 0 && (mode & 0o004) !== 0 && linked(from, to)) return;
  copyFileSync(from, to);
  chmodSync(to, (mode & 0o111) === 0 ? 0o644 : 0o755);
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    // Another file system.
    return false;
  }
}

/** Whatever the starter's umask is. */
function folder(path: string): void {
  if (existsSync(path)) return;
  folder(dirname(path));
  mkdirSync(path);
  chmodSync(path, 0o755);
}
