import { expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { freshDatabase } from './index';

test('Two fresh databases are migrated, empty and apart', async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
  expect(one.name).not.toBe(two.name);
  await withClient(one.ownerUrl, (client) => client.query("INSERT INTO sign_in_challenges VALUES ('c', now())"));
  for (const [url, count] of [
    [one.webUrl, 1],
    [two.webUrl, 0],
  ] as const) {
    const { rowCount } = await withClient(url, (client) => client.query('SELECT 1 FROM sign_in_challenges'));
    expect(rowCount).toBe(count);
  }
});

test('Web may not connect to another database of the server', async () => {
  const { webUrl } = await freshDatabase();
  const elsewhere = new URL(webUrl);
  elsewhere.pathname = '/countersign_template';
  await expect(withClient(elsewhere.href, (client) => client.query('CREATE TEMP TABLE t ()'))).rejects.toThrow(
    /permission denied/,
  );
});
