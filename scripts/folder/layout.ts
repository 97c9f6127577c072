import { chmodSync, existsSync, lchownSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Owner, startedByRoot } from '#scripts/machine';
import type { ProcessUsers } from './users';

/** Where everything of an installation lies. Absolute paths. */
export interface Layout {
  readonly dir: string;
  /** The starter's own: passwords of the superuser, the tables' owner and the sample's broker. */
  readonly secrets: string;
  readonly postgres: string;
  readonly postgresLog: string;
  /** Public keys, for everybody to read. */
  readonly public: string;
  /** What the operator says of makers of keys: whoever writes there says what is hardware. */
  readonly makers: { readonly dir: string; readonly roots: string; readonly metadata: string };
  /** The copy of the build that runs where the users cannot enter the checkout. */
  readonly app: string;
  readonly web: { readonly dir: string; readonly log: string; readonly sessionSecret: string };
  readonly warden: {
    readonly dir: string;
    readonly log: string;
    readonly signingKey: string;
    readonly sealKey: string;
    readonly sample: string;
  };
  readonly gateway: {
    readonly dir: string;
    readonly log: string;
    readonly key: string;
    readonly nonceSecret: string;
    readonly instance: string;
  };
}

export function layoutOf(dir: string): Layout {
  const at = (...names: readonly string[]): string => join(dir, ...names);
  return {
    dir,
    secrets: at('secrets.json'),
    postgres: at('postgres'),
    postgresLog: at('postgres.log'),
    public: at('public'),
    makers: { dir: at('makers'), roots: at('makers', 'roots'), metadata: at('makers', 'fido-metadata.jwt') },
    app: at('app'),
    web: { dir: at('web'), log: at('web', 'web.log'), sessionSecret: at('web', 'session.secret') },
    warden: {
      dir: at('warden'),
      log: at('warden', 'warden.log'),
      signingKey: at('warden', 'signing.pem'),
      sealKey: at('warden', 'seal.key'),
      sample: at('warden', 'sample.json'),
    },
    gateway: {
      dir: at('gateway'),
      log: at('gateway', 'gateway.log'),
      key: at('gateway', 'gateway.pem'),
      nonceSecret: at('gateway', 'nonce.secret'),
      instance: at('gateway', 'instance'),
    },
  };
}

/**
 * Makes the installation's folder. Root's lets other users pass through, to what
 * is theirs, and never list. No folder further up is changed.
 */
export function openFolder(dir: string): void {
  mkdirSync(dir, { recursive: true });
  refuseForeign(dir);
  refuseOlder(dir);
  chmodSync(dir, startedByRoot() ? 0o711 : 0o700);
}

/** Makes the folders in it that are missing, each process's own closed to everybody else. */
export function makeFolders(layout: Layout, users: ProcessUsers | null): void {
  for (const path of [layout.public, layout.makers.dir, layout.makers.roots]) folder(path, 0o755, null);
  for (const name of ['web', 'warden', 'gateway'] as const) folder(layout[name].dir, 0o700, users?.[name] ?? null);
  if (isMissing(layout.gateway.instance)) folderInside(layout, layout.gateway.instance, users?.gateway ?? null);
}

/** Throws where the folder holds what an earlier version kept: it had one owner for everything. */
export function refuseOlder(dir: string): void {
  const folder = resolve(dir);
  const older = ['session.secret', 'sample.json', 'log'].some((name) => existsSync(join(folder, name)));
  if (!older) return;
  throw new Error(
    `${folder} holds the data of an earlier version, in which all processes shared one folder: move it away (mv ${folder} ${folder}.old) and start again.`,
  );
}

/** The path is walked by root: nobody else may be able to put things into the folder. */
function refuseForeign(dir: string): void {
  const { uid, mode } = lstatSync(dir);
  const ours = process.getuid === undefined || uid === process.getuid();
  if (ours && (mode & 0o002) === 0) return;
  throw new Error(
    `${dir} belongs to somebody else or may be written to by everybody: set COUNTERSIGN_DIR to a folder of Countersign’s own.`,
  );
}

function folder(path: string, mode: number, owner: Owner | null): void {
  if (isMissing(path)) mkdirSync(path);
  if (!lstatSync(path).isDirectory()) throw new Error(`${path} is no folder: move it away and start again.`);
  chmodSync(path, mode);
  if (owner !== null) lchownSync(path, owner.uid, owner.gid);
}

/** Made in the starter's own folder and moved, since what lies in another user's may be replaced at any time. */
function folderInside({ dir }: Layout, path: string, owner: Owner | null): void {
  const draft = join(dir, '.new-folder');
  rmSync(draft, { recursive: true, force: true });
  folder(draft, 0o700, owner);
  renameSync(draft, path);
}

const isMissing = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) === undefined;
