import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import {
  type Layout,
  layoutOf,
  makeFolders,
  makeKeys,
  openFolder,
  openSecrets,
  processUsers,
  putFile,
} from '#scripts/folder';
import { DATABASE, lockFolder, MIGRATIONS, prepareOwnDatabase, type Settings } from '#scripts/installation';
import { migrate, type Passwords, prepareDatabase, roleUrls, startCluster, withClient } from '#scripts/postgres';
import { loadRows, refuseFilled } from './database';
import { openFolderPart } from './folder';
import { type Manifest, partFile, readManifest } from './manifest';
import { openPart } from './part';
import { type Deciding, peopleIn } from './people';

export interface RestoreOptions {
  readonly settings: Settings;
  /** The backup's folder. */
  readonly from: string;
  /** File with the key: a line `AGE-SECRET-KEY-1…`, as `age-keygen` writes it. */
  readonly keyFile: string;
  /** An administrator's URL of an empty database of your own; null: the embedded one. */
  readonly database: string | null;
  say(line: string): void;
}

export interface Restored {
  readonly madeAt: string;
  /** How the roles log in at a database of your own; null: the embedded one. */
  readonly urls: Passwords | null;
  /** To be looked at, since whoever knows the recipient can make a backup for it. */
  readonly people: readonly Deciding[];
}

/**
 * Makes an installation of a backup, in an empty place. Whatever fails leaves nothing behind.
 * The warden finds a mark beside its files and freezes everything until an owner accepts.
 */
export async function restoreBackup({ settings, from, keyFile, database, say }: RestoreOptions): Promise<Restored> {
  const manifest = await readManifest(from);
  const key = keyIn(keyFile);
  const layout = layoutOf(settings.dir);
  refuseTaken(layout);
  openFolder(layout.dir);
  const lock = lockFolder(layout.dir);
  try {
    await putStartersFiles(layout, from, key);
    const users = processUsers(say);
    makeFolders(layout, users);
    const forWarden = users?.warden ?? null;
    // First of all: with it in the folder nothing is minted, whatever else is there already.
    putFile({ ...markOf(layout, manifest), workshop: layout.dir, mode: 0o600, owner: forWarden });
    for (const name of ['gateway', 'warden'] as const)
      await openFolderPart({ path: layout[name].dir, owner: users?.[name] ?? null }, key, partFile(from, name));
    makeKeys(layout, users);
    const people = await peopleIn(layout, forWarden, settings);
    const fill = (url: string) => withClient(url, (client) => putRows(client, manifest, from, key));
    if (database === null) await withEmbedded(settings, layout, fill);
    const urls = database === null ? null : await fillOwn(database, fill);
    return { madeAt: manifest.madeAt, urls, people };
  } catch (error) {
    for (const path of made(layout)) rmSync(path, { recursive: true, force: true });
    throw error;
  } finally {
    lock.release();
  }
}

function markOf({ warden }: Layout, { madeAt }: Manifest): { readonly path: string; readonly text: string } {
  const mark = {
    backupOf: madeAt,
    at: new Date().toISOString(),
    since: null,
    freezeId: null,
    agents: false,
    done: false,
  };
  return { path: join(warden.dir, 'restored.json'), text: JSON.stringify(mark) };
}

/** An empty database is asked for before the roles are given other passwords. */
async function fillOwn(url: string, fill: (ownerUrl: string) => Promise<void>): Promise<Passwords> {
  await refuseFilled(url);
  const urls = await prepareOwnDatabase(url);
  await fill(urls.owner);
  return urls;
}

function keyIn(file: string): string {
  const key = readFileSync(file, 'utf8')
    .split('\n')
    .find((line) => line.startsWith('AGE-SECRET-KEY-'));
  if (key === undefined) throw new Error(`${file} holds no key: a line that begins with AGE-SECRET-KEY-.`);
  return key.trim();
}

const made = (layout: Layout): string[] => [
  layout.secrets,
  layout.postgres,
  layout.makers.dir,
  layout.public,
  ...(['web', 'warden', 'gateway'] as const).map((name) => layout[name].dir),
];

function refuseTaken(layout: Layout): void {
  const taken = made(layout).find(existsSync);
  if (taken !== undefined)
    throw new Error(
      `There is an installation in ${layout.dir} already (${taken}): move it away, or set COUNTERSIGN_DIR to another folder.`,
    );
}

const STARTERS = /^(?:secrets\.json|makers\/fido-metadata\.jwt|makers\/roots\/[\w-][\w.-]*)$/;

async function putStartersFiles({ dir }: Layout, from: string, key: string): Promise<void> {
  for await (const line of openPart(createReadStream(partFile(from, 'installation')), key)) {
    if (!('file' in line) || !STARTERS.test(line.file)) throw new Error('This part holds what belongs into no folder.');
    const path = join(dir, line.file);
    mkdirSync(dirname(path), { recursive: true });
    const mode = line.file === 'secrets.json' ? 0o600 : 0o644;
    writeFileSync(path, Buffer.from(line.data, 'base64'), { flag: 'wx', mode });
  }
}

/** The embedded server, for as long as this takes. `act` gets the URL of the tables' owner. */
async function withEmbedded<T>({ ports }: Settings, layout: Layout, act: (url: string) => Promise<T>): Promise<T> {
  const secrets = openSecrets(layout);
  const options = { dataDir: layout.postgres, port: ports.postgres, logFile: layout.postgresLog };
  const cluster = await startCluster({ ...options, password: secrets.admin });
  try {
    await withClient(cluster.adminUrl(), (admin) => prepareDatabase(admin, DATABASE, secrets));
    return await act(roleUrls(cluster.adminUrl(), DATABASE, secrets).owner);
  } finally {
    await cluster.stop();
  }
}

/** The tables as they were, then what this version has changed in them since. */
async function putRows(client: pg.Client, { migrations }: Manifest, from: string, key: string): Promise<void> {
  await migrate(client, MIGRATIONS, migrations);
  await loadRows(client, openPart(createReadStream(partFile(from, 'database')), key));
  await migrate(client, MIGRATIONS);
}
