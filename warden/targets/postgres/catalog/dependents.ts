import type { Client } from '../connection/connection';

/** What goes along with a change of these tables, told by the catalogue. */
export interface Dependent {
  readonly schema: string;
  readonly name: string;
  /** The table whose rows pull these along. */
  readonly from: string;
  /** What happens on delete (`c`ascade, set `n`ull, set `d`efault; else nothing goes along) and on update. */
  readonly onDelete: string;
  readonly onUpdate: string;
  readonly estimatedRows: number | null;
}

export interface Trigger {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly events: readonly string[];
  /** Runs with its owner's rights, not the grantee's. */
  readonly definer: boolean;
}

/** All tables that refer to these, and to those in turn; partitions speak through their root. */
const DEPENDENTS = `
WITH RECURSIVE fk AS (
  SELECT con.conrelid, con.confrelid, con.confdeltype::text AS del, con.confupdtype::text AS upd
  FROM pg_catalog.pg_constraint con WHERE con.contype = 'f' AND con.conparentid = 0),
reached AS (
  SELECT fk.* FROM fk WHERE fk.confrelid = ANY ($1::oid[])
  UNION SELECT fk.* FROM fk JOIN reached ON fk.confrelid = reached.conrelid)
SELECT n.nspname::text AS schema, c.relname::text AS name, fn.nspname || '.' || f.relname AS from,
  r.del AS "onDelete", r.upd AS "onUpdate", CASE WHEN c.reltuples >= 0 THEN c.reltuples::float8 END AS "estimatedRows"
FROM reached r JOIN pg_catalog.pg_class c ON c.oid = r.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class f ON f.oid = r.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
ORDER BY 3, 1, 2`;

export async function dependentsOf(client: Client, oids: readonly string[]): Promise<Dependent[]> {
  return (await client.query<Dependent>(DEPENDENTS, [oids])).rows;
}

const TRIGGERS = `
SELECT n.nspname::text AS schema, c.relname::text AS table, t.tgname::text AS name, p.prosecdef AS definer,
  array_remove(ARRAY[CASE WHEN t.tgtype & 4 > 0 THEN 'insert' END, CASE WHEN t.tgtype & 8 > 0 THEN 'delete' END,
    CASE WHEN t.tgtype & 16 > 0 THEN 'update' END, CASE WHEN t.tgtype & 32 > 0 THEN 'truncate' END], NULL) AS events
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgrelid = ANY ($1::oid[]) ORDER BY 1, 2, 3`;

export async function triggersOf(client: Client, oids: readonly string[]): Promise<Trigger[]> {
  return (await client.query<Trigger>(TRIGGERS, [oids])).rows;
}

const chain = (
  dependents: readonly Dependent[],
  roots: readonly string[],
  follows: (link: Dependent) => boolean,
  goesOn: (link: Dependent) => boolean,
): Dependent[] => {
  const reached = new Map<string, Dependent>();
  const queue = [...roots];
  for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
    for (const link of dependents.filter((one) => one.from === from && follows(one))) {
      const id = `${link.schema}.${link.name}`;
      const known = reached.get(id);
      if (known === undefined || (!goesOn(known) && goesOn(link))) {
        reached.set(id, link);
        if (goesOn(link)) queue.push(id);
      }
    }
  }
  return [...reached.values()];
};

/** Tables whose rows change when rows of `roots` are deleted. Only deleted rows pull more along. */
export const cascadeOfDelete = (dependents: readonly Dependent[], roots: readonly string[]): Dependent[] =>
  chain(
    dependents,
    roots,
    (link) => 'cnd'.includes(link.onDelete),
    (link) => link.onDelete === 'c',
  );

/** Tables whose rows change when keys in `roots` change. */
export const cascadeOfUpdate = (dependents: readonly Dependent[], roots: readonly string[]): Dependent[] =>
  chain(
    dependents,
    roots,
    (link) => 'cnd'.includes(link.onUpdate),
    (link) => link.onUpdate === 'c',
  );

/** Tables that TRUNCATE … CASCADE empties too, if the right were there. */
export const cascadeOfTruncate = (dependents: readonly Dependent[], roots: readonly string[]): Dependent[] =>
  chain(
    dependents,
    roots,
    () => true,
    () => true,
  ).filter((link) => !roots.includes(`${link.schema}.${link.name}`));
