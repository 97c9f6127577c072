import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/*
 * The sample database: a small booking company whose broker role is made the
 * way docs/operations.md recommends for PostgreSQL 16 and newer.
 */

/** From here and not from import.meta: this file is also read out of bundles. */
const SQL = () => readFileSync(join(process.cwd(), 'scripts/sample.sql'), 'utf8');

export async function createSampleDatabase(
  adminUrl,
  { database = 'sample_bookings', password = 'sample', owner = 'sample_owner', broker = 'sample_broker' } = {},
) {
  const name = pg.escapeIdentifier(database);
  const at = new URL(adminUrl);
  await lend(adminUrl, async (client) => {
    await role(client, owner, 'NOLOGIN');
    await role(client, broker, `LOGIN CREATEROLE NOSUPERUSER NOCREATEDB PASSWORD ${pg.escapeLiteral(password)}`);
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${name} OWNER ${pg.escapeIdentifier(owner)}`);
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${pg.escapeIdentifier(broker)} WITH GRANT OPTION`);
  });
  at.pathname = `/${database}`;
  await lend(at.href, fill(owner, broker));
  return { host: at.hostname, port: Number(at.port || 5432), database, user: broker, password };
}

/** All of it or nothing; a second time changes nothing. */
function fill(owner, broker) {
  return async (client) => {
    const { rows } = await client.query("SELECT to_regclass('public.payments') AS there");
    if (rows[0].there !== null) return;
    await client.query(
      `BEGIN; REVOKE ALL ON SCHEMA public FROM PUBLIC; ${named(SQL(), { sample_owner: owner, sample_broker: broker })}; COMMIT`,
    );
  };
}

function named(sql, names) {
  return Object.entries(names).reduce((text, [from, to]) => text.replaceAll(from, pg.escapeIdentifier(to)), sql);
}

async function role(client, name, attributes) {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${pg.escapeIdentifier(name)} ${attributes}`);
}

async function lend(url, act) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}
