import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';

/*
 * `prisma migrate deploy` needs an engine that is downloaded at install time.
 * This keeps the same books (`_prisma_migrations`, sha256), so both may be used.
 */

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** The lock `prisma migrate` takes: the two wait for each other. */
const LOCK = 72_707_369;

const BOOKS = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Applies what is missing, each migration in one transaction, and returns the names. The client is the
 * tables' owner. With `only`, these and no others: as far as a backup's database had come.
 */
export async function migrate(client: pg.Client, dir: string, only?: readonly string[]): Promise<string[]> {
  const unknown = only?.find((name) => !existsSync(join(dir, name, 'migration.sql')));
  if (unknown !== undefined)
    throw new Error(`The backup knows migration ${unknown}, which this version does not: use the newer version.`);
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  try {
    await client.query(BOOKS);
    const pending = await pendingMigrations(client, dir);
    const missing = pending.filter(({ name }) => only?.includes(name) ?? true);
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
  }
}

/** What a database lacks. Refuses one whose history is not the folder's. */
export async function pendingMigrations(client: pg.Client, dir: string): Promise<Migration[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at',
  );
  const migrations = readMigrations(dir);
  for (const row of rows) refuseForeign(row, migrations);
  const applied = new Set(rows.map((row) => row.migration_name));
  return migrations.filter(({ name }) => !applied.has(name));
}

function refuseForeign(
  row: { migration_name: string; checksum: string; finished_at: Date | null },
  known: readonly Migration[],
): void {
  const name = row.migration_name;
  const migration = known.find((one) => one.name === name);
  if (row.finished_at === null)
    throw new Error(`Migration ${name} was begun and not finished: look at _prisma_migrations before going on.`);
  if (migration === undefined)
    throw new Error(`The database knows migration ${name}, which this version does not: start the newer version.`);
  if (migration.checksum !== row.checksum) {
    throw new Error(
      `Migration ${name} was changed after it was applied: restore its file and put the change into a new migration.`,
    );
  }
}

function readMigrations(dir: string): Migration[] {
  return readdirSync(dir)
    .filter((name) => existsSync(join(dir, name, 'migration.sql')))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(dir, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    const started = new Date();
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name, started],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
