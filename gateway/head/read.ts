import type { Hot, Statement } from '#lib/db';
import type { RecordRow } from './records';

/** What the database says, all of one instant and none of it believed. */
export interface HeadRow {
  /** Null where nothing was ever published. */
  readonly body: string | null;
  readonly signature: string | null;
  /** Null where the head names the digest that was passed in: they are known. */
  readonly records: readonly RecordRow[] | null;
  readonly ended: readonly string[] | null;
  /** Ids of every freeze that was ever begun. */
  readonly freezes: readonly string[];
}

/** One statement, so that head, records and ended grants are of one snapshot. */
const READ: Statement = {
  name: 'head_read',
  text: `SELECT head.body, head.signature,
    CASE WHEN position('"records":"' || $1::text || '"' IN head.body) > 0 THEN NULL ELSE (
      SELECT coalesce(json_agg(json_build_object('kind', kind, 'id', id, 'body', body, 'signature', signature)), '[]')
      FROM records) END AS records,
    CASE WHEN position('"digest":"' || $2::text || '"' IN head.body) > 0 THEN NULL ELSE (
      SELECT coalesce(json_agg(grant_id), '[]') FROM ended_grants) END AS ended,
    (SELECT coalesce(array_agg(id), '{}') FROM freezes) AS freezes
  FROM (SELECT) AS one LEFT JOIN heads AS head ON head.id = 1`,
};

/** Reads the newest head, and what it names where that is not known yet. `known` are digests, '' for none. */
export async function readHead(
  hot: Hot,
  known: { readonly records: string; readonly ended: string },
): Promise<HeadRow> {
  const [row] = await hot.rows<HeadRow>(READ, [known.records, known.ended]);
  if (row === undefined) throw new Error('The database gave no answer to a question that has one.');
  return row;
}
