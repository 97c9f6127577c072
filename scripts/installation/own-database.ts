import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { type Passwords, prepareDatabase, roleUrls, withClient } from '#scripts/postgres';

/** Roles with new passwords, and the database where it is missing, on an existing PostgreSQL. Returns each role's URL. */
export async function prepareOwnDatabase(url: string): Promise<Passwords> {
  const database = decodeURIComponent(new URL(url).pathname.slice(1)) || 'countersign';
  if (database === 'postgres')
    throw new Error(
      'Name a database of Countersign’s own at the end of the URL, like …/countersign: it is made when it is not there.',
    );
  const passwords = { owner: random(), web: random(), warden: random(), gateway: random() };
  const admin = new URL(url);
  admin.pathname = '/postgres';
  await withClient(admin.href, async (client) => {
    await refuseUnfit(client, database);
    await prepareDatabase(client, database, passwords);
  });
  return roleUrls(url, database, passwords);
}

/** What to set where Countersign runs. */
export const settingsOf = ({ web, warden, gateway }: Passwords): string =>
  `DATABASE_URL=${web}\nWARDEN_DATABASE_URL=${warden}\nGATEWAY_DATABASE_URL=${gateway}`;

async function refuseUnfit(client: pg.Client, database: string): Promise<void> {
  const { rows } = await client.query<{ version: number; may: boolean; owner: string | null }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS version,
            (SELECT rolsuper OR (rolcreaterole AND rolcreatedb) FROM pg_roles WHERE rolname = current_user) AS may,
            (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1) AS owner`,
    [database],
  );
  const { version = 0, may, owner = null } = rows[0] ?? {};
  if (version < 15)
    throw new Error(`Countersign needs PostgreSQL 15 or newer and this is ${version}: upgrade it first.`);
  if (!may)
    throw new Error(
      'This role may not make roles and databases: use a superuser, or a role with CREATEROLE and CREATEDB.',
    );
  if (owner !== null && owner !== 'countersign_owner') {
    throw new Error(
      `The database ${database} exists and belongs to ${owner}: name one that does not exist yet, and it is made.`,
    );
  }
}

const random = () => randomBytes(24).toString('base64url');
