import pg from 'pg';
import { withClient } from '#scripts/postgres';
import type { Line } from './part';

/** So many rows at a time. */
const BATCH = 500;

const BOOKS = '_prisma_migrations';

/** Every row of every table, as of one moment. The migrations make the tables and who may do what with them. */
export async function* rowsOf(client: pg.Client): AsyncGenerator<Line> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    for (const table of await tablesOf(client)) {
      const name = pg.escapeIdentifier(table);
      await client.query(`DECLARE each NO SCROLL CURSOR FOR SELECT to_jsonb(t)::text AS row FROM ${name} t`);
      for (;;) {
        const { rows } = await client.query<{ row: string }>(`FETCH ${BATCH} FROM each`);
        for (const { row } of rows) yield { table, row };
        if (rows.length < BATCH) break;
      }
      await client.query('CLOSE each');
    }
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Puts the rows into the tables, which are empty, in one transaction. The client is the tables' owner. */
export async function loadRows(client: pg.Client, lines: AsyncIterable<Line>): Promise<void> {
  await client.query('BEGIN');
  try {
    const tables = await tablesOf(client);
    for (const table of tables) await refuseFull(client, table);
    // What a trigger stamps on a row was stamped already.
    for (const table of tables) await client.query(`ALTER TABLE ${pg.escapeIdentifier(table)} DISABLE TRIGGER USER`);
    let batch: { table: string; rows: string[] } = { table: '', rows: [] };
    for await (const line of lines) {
      if (!('table' in line) || !tables.includes(line.table))
        throw new Error('This part holds what belongs into no table.');
      if (line.table !== batch.table || batch.rows.length === BATCH) {
        await insert(client, batch);
        batch = { table: line.table, rows: [] };
      }
      batch.rows.push(line.row);
    }
    await insert(client, batch);
    for (const table of tables) {
      await client.query(`ALTER TABLE ${pg.escapeIdentifier(table)} ENABLE TRIGGER USER`);
      await goOnCounting(client, table);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function insert(client: pg.Client, { table, rows }: { table: string; rows: readonly string[] }): Promise<void> {
  if (rows.length === 0) return;
  const name = pg.escapeIdentifier(table);
  await client.query(
    `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::${name}, $1::jsonb)`,
    [`[${rows.join(',')}]`],
  );
}

/** Throws where the database is there and holds an installation. One that is not there yet is empty. */
export async function refuseFilled(url: string): Promise<void> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const server = new URL(url);
  server.pathname = '/postgres';
  const isThere = await withClient(server.href, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    return rowCount === 1;
  });
  if (isThere)
    await withClient(url, async (client) => {
      for (const table of await tablesOf(client)) await refuseFull(client, table);
    });
}

async function refuseFull(client: pg.Client, table: string): Promise<void> {
  const { rowCount } = await client.query(`SELECT 1 FROM ${pg.escapeIdentifier(table)} LIMIT 1`);
  if ((rowCount ?? 0) > 0) throw new Error(`The table ${table} holds rows already: restore into an empty database.`);
}

/** A table that others refer to comes before them. */
async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; needs: string[] }>(`
    SELECT c.relname AS name, ARRAY(SELECT f.confrelid::regclass::text FROM pg_constraint f
      WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid) AS needs
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> '${BOOKS}' ORDER BY c.relname`);
  const ordered: string[] = [];
  const left = new Map(rows.map(({ name, needs }) => [name, needs]));
  while (left.size > 0) {
    const ready = [...left].filter(([, needs]) => needs.every((need) => ordered.includes(need))).map(([name]) => name);
    if (ready.length === 0) throw new Error(`The tables ${[...left.keys()].join(', ')} refer to each other.`);
    for (const name of ready) left.delete(name);
    ordered.push(...ready);
  }
  return ordered;
}

/** Numbers that the database gives go on after the highest there is. */
async function goOnCounting(client: pg.Client, table: string): Promise<void> {
  const { rows } = await client.query<{ column: string; sequence: string }>(
    `SELECT a.attname AS column, pg_get_serial_sequence($1, a.attname) AS sequence FROM pg_attribute a
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
       AND pg_get_serial_sequence($1, a.attname) IS NOT NULL`,
    [pg.escapeIdentifier(table)],
  );
  for (const { column, sequence } of rows)
    await client.query(
      `SELECT setval($1, (SELECT coalesce(max(${pg.escapeIdentifier(column)}), 0) + 1 FROM ${pg.escapeIdentifier(table)}), false)`,
      [sequence],
    );
}
