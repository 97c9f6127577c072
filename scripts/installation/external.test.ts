import { expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { adminUrl, freshDatabase, type TestDatabase } from '#testing/database';
import { main as setUp } from '../commands/db-setup';
import { openExternal } from './database';
import type { ProcessUrls } from './settings';

const urlsOf = ({ webUrl, wardenUrl, gatewayUrl }: TestDatabase): ProcessUrls => ({
  web: webUrl,
  warden: wardenUrl,
  gateway: gatewayUrl,
});

test('A migrated database with the right roles is used as it is', async () => {
  const urls = urlsOf(await freshDatabase());
  await expect(openExternal(urls)).resolves.toMatchObject({ embedded: null });
});

test('A web role that could write the authority chain is refused: web must not be able to (P3)', async () => {
  const database = await freshDatabase();
  const urls = { ...urlsOf(database), web: database.ownerUrl };
  await expect(openExternal(urls)).rejects.toThrow(/may write the authority chain/);
});

test("A gateway role that could read the warden's secrets or move a grant is refused (P6)", async () => {
  const database = await freshDatabase();
  for (const gateway of [database.ownerUrl, database.adminUrl])
    await expect(openExternal({ ...urlsOf(database), gateway })).rejects.toThrow(/which the gateway must not/);
});

test('Swapped, empty, unreachable and mistyped databases are each refused in one sentence', async () => {
  const right = urlsOf(await freshDatabase());
  const { web, warden, gateway } = right;
  const cases = [
    [{ web: warden, warden: web }, /^The role of WARDEN_DATABASE_URL may not read the table/],
    [{ web: gateway, gateway: web }, /^The role of DATABASE_URL may not make tickets/],
    [{ gateway: web }, /^The role of GATEWAY_DATABASE_URL may not count uses/],
    [{ warden: adminUrl('postgres') }, /^The database of WARDEN_DATABASE_URL has no Countersign tables/],
    [
      { warden: warden.replace(/:\d+\//, ':1/') },
      /^WARDEN_DATABASE_URL does not lead to a database: connect ECONNREFUSED/,
    ],
    [{ web: web.replace('web:web', 'web:wrong') }, /^DATABASE_URL does not lead to a database/],
    [{ gateway: gateway.replace(/:\d+\//, ':1/') }, /^GATEWAY_DATABASE_URL does not lead to a database/],
    [{ warden: 'mysql://x' }, /^WARDEN_DATABASE_URL is not a PostgreSQL URL/],
  ] as const;
  for (const [wrong, sentence] of cases) await expect(openExternal({ ...right, ...wrong })).rejects.toThrow(sentence);
});

test('db:setup refuses a database that belongs to somebody else, and the maintenance database', async () => {
  await withClient(adminUrl(), (client) => client.query('CREATE DATABASE theirs'));
  await expect(setUp([adminUrl('theirs')])).rejects.toThrow(/^The database theirs exists and belongs to postgres/);
  await expect(setUp([adminUrl('postgres')])).rejects.toThrow(/^Name a database of Countersign/);
  await expect(setUp([])).rejects.toThrow(/^Say where: npm run db:setup/);
});
