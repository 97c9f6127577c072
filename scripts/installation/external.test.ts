import { expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { adminUrl, freshDatabase } from '#testing/database';
import { main as setUp } from '../commands/db-setup';
import { openExternal } from './database';

test('A migrated database with the right roles is used as it is', async () => {
  const { webUrl, wardenUrl } = await freshDatabase();
  await expect(openExternal({ web: webUrl, warden: wardenUrl })).resolves.toMatchObject({ embedded: null });
});

test('A web role that could write the authority chain is refused: web must not be able to (P3)', async () => {
  const { ownerUrl, wardenUrl } = await freshDatabase();
  await expect(openExternal({ web: ownerUrl, warden: wardenUrl })).rejects.toThrow(/may write the authority chain/);
});

test('Swapped, empty, unreachable and mistyped databases are each refused in one sentence', async () => {
  const { webUrl, wardenUrl } = await freshDatabase();
  const cases = [
    [{ web: wardenUrl, warden: webUrl }, /^The role of WARDEN_DATABASE_URL may not read the table/],
    [{ web: webUrl, warden: adminUrl('postgres') }, /^The database of WARDEN_DATABASE_URL has no Countersign tables/],
    [
      { web: webUrl, warden: wardenUrl.replace(/:\d+\//, ':1/') },
      /^WARDEN_DATABASE_URL does not lead to a database: connect ECONNREFUSED/,
    ],
    [{ web: webUrl.replace('web:web', 'web:wrong'), warden: wardenUrl }, /^DATABASE_URL does not lead to a database/],
    [{ web: 'mysql://x', warden: 'mysql://x' }, /^WARDEN_DATABASE_URL is not a PostgreSQL URL/],
  ] as const;
  for (const [urls, sentence] of cases) await expect(openExternal(urls)).rejects.toThrow(sentence);
});

test('db:setup refuses a database that belongs to somebody else, and the maintenance database', async () => {
  await withClient(adminUrl(), (client) => client.query('CREATE DATABASE theirs'));
  await expect(setUp([adminUrl('theirs')])).rejects.toThrow(/^The database theirs exists and belongs to postgres/);
  await expect(setUp([adminUrl('postgres')])).rejects.toThrow(/^Name a database of Countersign/);
  await expect(setUp([])).rejects.toThrow(/^Say where: npm run db:setup/);
});
