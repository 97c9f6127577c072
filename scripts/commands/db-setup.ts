import { MIGRATIONS, prepareOwnDatabase, settingsOf } from '#scripts/installation';
import { migrate, withClient } from '#scripts/postgres';

/** `npm run db:setup -- <admin URL>`: roles, database and tables on an existing PostgreSQL, and the three URLs to set. */
export async function main([url]: readonly string[]): Promise<void> {
  if (url === undefined || !URL.canParse(url)) {
    throw new Error(
      'Say where: npm run db:setup -- postgresql://admin:password@host:5432/countersign (a superuser, or a role with CREATEROLE and CREATEDB).',
    );
  }
  const urls = await prepareOwnDatabase(url);
  const applied = await withClient(urls.owner, (client) => migrate(client, MIGRATIONS));
  console.error(applied.length === 0 ? 'The tables are up to date.' : `Applied ${applied.join(', ')}.`);
  console.error('Set these three where Countersign runs; the passwords are new and stand nowhere else:');
  console.log(settingsOf(urls));
}
