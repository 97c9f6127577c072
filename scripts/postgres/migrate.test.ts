import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { adminUrl, freshDatabase } from '#testing/database';
import { openSchemaEngine } from '../../testing/database/schema-engine';
import { migrate, pendingMigrations, withClient } from './index';

const DIR = 'prisma/migrations';

/** What a schema is: columns, constraints and indexes, one line each. Checks and partial indexes are SQL's own, Prisma knows none. */
const CATALOGUE = `
  SELECT format('column %s.%s %s %s %s', table_name, column_name, udt_name, is_nullable, column_default) AS line
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
  UNION ALL SELECT format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND connamespace = 'public'::regnamespace AND conrelid::regclass::text <> '_prisma_migrations'
  UNION ALL SELECT indexdef FROM pg_indexes JOIN pg_index ON indexrelid = indexname::regclass
    WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' AND indpred IS NULL
  ORDER BY 1`;

test('schema.prisma says what the migrations make: no drift either way', async () => {
  const { adminUrl: migrated } = await freshDatabase();
  const described = await emptyDatabase();
  const script = await (await openSchemaEngine(described)).script();
  await withClient(described, (client) => client.query(script));
  const [made, said] = await Promise.all([migrated, described].map(catalogue));
  expect(said?.length).toBeGreaterThan(100);
  expect(made).toEqual(said);
});

test("Prisma's own engine reads the books of the runner as in sync", async () => {
  const { adminUrl: url } = await freshDatabase();
  expect(await (await openSchemaEngine(url)).apply(DIR)).toEqual([]);
});

test('The runner goes on where Prisma stopped', async () => {
  const url = await emptyDatabase();
  // The WASM build splits scripts at semicolons and cannot run 0002, whose functions contain some.
  const dir = copyOfMigrations();
  for (const name of readdirSync(dir))
    if (/^\d/.test(name) && name !== '0001_tables') rmSync(join(dir, name), { recursive: true });
  const engine = await openSchemaEngine(url);
  expect(await engine.apply(dir)).toEqual(['0001_tables']);
  await engine.close();
  const applied = await withClient(url, (client) => migrate(client, DIR));
  expect(applied[0]).toBe('0002_rights');
});

test('Several starters at once apply each migration once', async () => {
  const url = await emptyDatabase();
  const applied = await Promise.all([1, 2, 3, 4].map(() => withClient(url, (client) => migrate(client, DIR))));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
});

test('A migration changed after it was applied is refused in one sentence', async () => {
  const { ownerUrl } = await freshDatabase();
  const dir = copyOfMigrations();
  const file = join(dir, '0001_tables/migration.sql');
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n-- afterthought\n`);
  await expect(withClient(ownerUrl, (client) => migrate(client, dir))).rejects.toThrow(
    /^Migration 0001_tables was changed after it was applied/,
  );
});

test('A migration that fails leaves nothing of itself, and the next start tries again', async () => {
  const { ownerUrl } = await freshDatabase();
  const dir = copyOfMigrations();
  cpSync(join(dir, '0001_tables'), join(dir, '9999_broken'), { recursive: true });
  writeFileSync(join(dir, '9999_broken/migration.sql'), 'CREATE TABLE left_behind (); SELECT 1 / 0;');
  await expect(withClient(ownerUrl, (client) => migrate(client, dir))).rejects.toThrow(
    /^Migration 9999_broken failed: division by zero/,
  );
  const names = await withClient(ownerUrl, async (client) => {
    expect((await client.query("SELECT to_regclass('left_behind') AS it")).rows[0]?.it).toBeNull();
    return (await pendingMigrations(client, dir)).map(({ name }) => name);
  });
  expect(names).toEqual(['9999_broken']);
});

async function catalogue(url: string): Promise<string[]> {
  const { rows } = await withClient(url, (client) => client.query<{ line: string }>(CATALOGUE));
  return rows.map(({ line }) => line);
}

function copyOfMigrations(): string {
  const dir = mkdtempSync(join(tmpdir(), 'migrations-'));
  cpSync(DIR, dir, { recursive: true });
  return dir;
}

async function emptyDatabase(): Promise<string> {
  const name = `empty_${Math.random().toString(36).slice(2)}`;
  await withClient(adminUrl(), (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
  return adminUrl(name);
}
