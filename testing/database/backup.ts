import { withClient } from '#scripts/postgres';

/*
 * Only for tests: a database that is put back to what it was.
 */

/** Remembers every row there is now. The returned function has the tables hold these and no others, as restoring a backup does. */
export async function takeBackup(adminUrl: string): Promise<() => Promise<void>> {
  const kept = `kept_${Date.now()}`;
  const tables = await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`,
    );
    const copies = rows.map(({ name }) => `CREATE TABLE ${kept}.${name} AS TABLE public.${name}`);
    await client.query([`CREATE SCHEMA ${kept}`, ...copies].join('; '));
    return rows.map(({ name }) => name);
  });
  const back = tables.map((name) => `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM ${kept}.${name}`);
  const restore = (): Promise<void> =>
    withClient(adminUrl, async (client) => {
      await client.query(`BEGIN; SET LOCAL session_replication_role = replica; TRUNCATE ${tables.join(', ')};
        ${back.join('; ')}; COMMIT`);
    });
  return async () => {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await restore();
      } catch (error) {
        // Who reads meanwhile may hold one table and want another.
        if (attempt === 10 || (error as { code?: string }).code !== '40P01') throw error;
      }
  };
}
