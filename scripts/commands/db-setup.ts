import { randomBytes } from 'node:crypto';
import { MIGRATIONS } from '#scripts/installation';
import { migrate, prepareDatabase, roleUrls, withClient } from '#scripts/postgres';

/** `npm run db:setup -- <admin URL>`: roles, database and tables on an existing PostgreSQL, and the three URLs to set. */
export async function main([url]: readonly string[]): Promise<void> {
  if (url === undefined || !URL.canParse(url)) {
    throw new Error(
      'Say where: npm run db:setup -- postgresql://admin:password@host:5432/countersign (a superuser, or a role with CREATEROLE and CREATEDB).',
    );
  }
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
  const urls = roleUrls(url, database, passwords);
  const applied = await withClient(urls.owner, (client) => migrate(client, MIGRATIONS));
  console.error(applied.length === 0 ? 'The tables are up to date.' : `Applied ${applied.join(', ')}.`);
  console.error('Set these three where Countersign runs; the passwords are new and stand nowhere else:');
  console.log(`DATABASE_URL=${urls.web}\nWARDEN_DATABASE_URL=${urls.warden}\nGATEWAY_DATABASE_URL=${urls.gateway}`);
}

async function refuseUnfit(client: Parameters<typeof migrate>[0], database: string): Promise<void> {
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
