import {
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { type Layout, layoutOf } from '#scripts/folder';
import { DATABASE, isRunning, type Settings } from '#scripts/installation';
import { type Owner, startedByRoot } from '#scripts/machine';
import { startCluster, withClient } from '#scripts/postgres';
import { rowsOf } from './database';
import { sealFolder } from './folder';
import { partFile, writeManifest } from './manifest';
import { type Line, sealPart } from './part';

export interface BackupOptions {
  readonly settings: Settings;
  /** A folder is made in it. */
  readonly into: string;
  /** `age1…`: whose key opens it. */
  readonly recipient: string;
  /** An administrator's URL of a database of your own; null: the embedded one. */
  readonly database: string | null;
}

/**
 * Backs up an installation, whether it runs or not, and returns the backup's folder.
 * The database first: what the warden's files know since, they put back into it.
 */
export async function makeBackup({ settings, into, recipient, database }: BackupOptions): Promise<string> {
  const layout = layoutOf(settings.dir);
  if (!existsSync(layout.warden.dir))
    throw new Error(`There is no installation in ${layout.dir}: set COUNTERSIGN_DIR.`);
  if (settings.external !== null && database === null)
    throw new Error('Say how an administrator reaches your database: --database postgresql://…');
  const madeAt = new Date().toISOString();
  const dir = join(into, `countersign-${madeAt.replace(/[:.]/g, '-')}`);
  const draft = `${dir}.part`;
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  try {
    const migrations = await withDatabase({ settings, layout, database }, (client) =>
      sealDatabase(client, recipient, draft),
    );
    await seal(startersFiles(layout), recipient, partFile(draft, 'installation'));
    for (const name of ['gateway', 'warden'] as const)
      await sealFolder({ path: layout[name].dir, owner: ownerOf(layout[name].dir) }, recipient, partFile(draft, name));
    await writeManifest(draft, { madeAt, recipient, migrations });
    renameSync(draft, dir);
    return dir;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

async function sealDatabase(client: pg.Client, recipient: string, dir: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name',
  );
  await seal(rowsOf(client), recipient, partFile(dir, 'database'));
  return rows.map(({ name }) => name);
}

const seal = (lines: AsyncIterable<Line>, recipient: string, file: string): Promise<void> =>
  sealPart(lines, recipient, createWriteStream(file, { flags: 'wx', mode: 0o600 }));

/** Its passwords, and what the operator says of makers of keys. */
async function* startersFiles({ secrets, makers }: Layout): AsyncGenerator<Line> {
  const roots = existsSync(makers.roots) ? readdirSync(makers.roots) : [];
  const files: ReadonlyArray<readonly [name: string, path: string]> = [
    ['secrets.json', secrets],
    ['makers/fido-metadata.jwt', makers.metadata],
    ...roots.map((name) => [`makers/roots/${name}`, join(makers.roots, name)] as const),
  ];
  for (const [file, path] of files)
    if (existsSync(path) && lstatSync(path).isFile()) yield { file, data: readFileSync(path).toString('base64') };
}

/** Whom the folder belongs to; null where everything belongs to whoever runs this. */
function ownerOf(path: string): Owner | null {
  const { uid, gid } = lstatSync(path);
  return startedByRoot() ? { uid, gid } : null;
}

interface Reached {
  readonly settings: Settings;
  readonly layout: Layout;
  readonly database: string | null;
}

/** The database as it runs, or started for as long as this takes. */
async function withDatabase<T>(
  { settings, layout, database }: Reached,
  act: (client: pg.Client) => Promise<T>,
): Promise<T> {
  if (database !== null) return withClient(database, act);
  const { admin } = JSON.parse(readFileSync(layout.secrets, 'utf8')) as { readonly admin: string };
  const port = settings.ports.postgres;
  if (isRunning(layout.dir)) return withClient(`postgresql://postgres:${admin}@127.0.0.1:${port}/${DATABASE}`, act);
  const cluster = await startCluster({ dataDir: layout.postgres, port, password: admin, logFile: layout.postgresLog });
  try {
    return await withClient(cluster.adminUrl(DATABASE), act);
  } finally {
    await cluster.stop();
  }
}
