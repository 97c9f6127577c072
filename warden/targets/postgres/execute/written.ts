import type { Written } from '../../driver';
import type { Client } from '../connection/connection';

/**
 * What the open transaction has written, by table: the server's own counters, so
 * that cascades and triggers are seen. Partitions count for their root. The
 * counters are the session's: ask in the first transaction that writes.
 */
const WRITTEN = `
SELECT 'table/' || n.nspname || '.' || c.relname AS resource, sum(s.n_tup_ins)::float8 AS inserted,
  sum(s.n_tup_upd)::float8 AS updated, sum(s.n_tup_del)::float8 AS deleted
FROM pg_catalog.pg_stat_xact_all_tables s
JOIN pg_catalog.pg_class c ON c.oid = coalesce(pg_catalog.pg_partition_root(s.relid), s.relid)
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0 AND n.nspname NOT IN ('pg_toast', 'pg_catalog')
GROUP BY 1 ORDER BY 1`;

/** Deferred constraints and their triggers run first, or they would write after the counting. */
export async function writtenSoFar(client: Client): Promise<Written[]> {
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  return (await client.query<Written>(WRITTEN)).rows;
}

/** Rows in all tables together. A statement that reads touches what it returns. */
export const total = (written: readonly Written[], rowCount: number): number =>
  Math.max(
    rowCount,
    written.reduce((sum, one) => sum + one.inserted + one.updated + one.deleted, 0),
  );

/** Without counters nothing could be compared, so nothing runs (P7). */
export async function countersAreOn(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ on: boolean }>(
    "SELECT pg_catalog.current_setting('track_counts')::boolean AS on",
  );
  return rows[0]?.on === true;
}
