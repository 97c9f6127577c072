import type { Client } from '../connection/connection';
import { FUNCTIONS, TYPES } from './allowed';
import type { How, Name, Outline } from './outline';

/** What keeps a statement from being planned, or only from being tried, in words for people. */
export interface Strangers {
  /** What planning it could call or read that no list names. */
  readonly planning: readonly string[];
  /** What running it would call beside that. */
  readonly running: readonly string[];
  /** Whether any of it is the database's own code, a function or a trigger, that may write what nobody named. */
  readonly mayWriteMore: boolean;
}

/*
 * Everything a name could mean counts, in every schema that the role looks in: which
 * of them the server takes depends on types, and is not found out without it.
 * Passed over is what PostgreSQL itself brings under the name of something listed
 * for other types (length of a line segment): it computes as the listed one does.
 */
const REACH = `
WITH RECURSIVE
ok_function AS (SELECT unnest($1::oid[]) AS oid),
scalar AS (SELECT unnest($2::oid[]) AS oid),
poly AS (SELECT oid FROM pg_type WHERE oid < 16384 AND typtype = 'p'
  AND typname IN ('any', 'anyelement', 'anyarray', 'anynonarray', 'anyenum', 'anycompatible', 'anycompatiblearray',
    'anycompatiblenonarray', 'record', '_record')),
-- Ours: the scalars, enums, and arrays of both.
ours AS (
  SELECT oid FROM scalar
  UNION SELECT oid FROM pg_type WHERE typtype = 'e'
  UNION SELECT t.typarray FROM pg_type t WHERE t.typarray <> 0 AND (t.typtype = 'e' OR t.oid IN (SELECT oid FROM scalar))),
could_be AS (SELECT oid FROM ours UNION SELECT oid FROM poly),
-- What a user's cast or operator may be for: rows and domains too, and arrays of them.
made_of AS (
  SELECT oid FROM could_be UNION SELECT oid FROM pg_type WHERE typtype IN ('c', 'd')
  UNION SELECT typarray FROM pg_type WHERE typtype IN ('c', 'd') AND typarray <> 0),
-- As the role looks for names that have no schema: what other schemas hold says nothing here.
path AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($13::text[])),
named_function AS (SELECT * FROM unnest($3::text[], $4::text[]) AS t(schema, name)),
named_operator AS (SELECT * FROM unnest($5::text[], $6::text[]) AS t(schema, name)),
named_type AS (SELECT * FROM unnest($7::text[], $8::text[]) AS t(schema, name)),
named_relation AS (SELECT * FROM unnest($9::text[], $10::text[], $12::int[]) AS t(schema, name, events)),
relation AS (
  SELECT c.oid, t.events | CASE WHEN t.events & 16 > 0 AND (c.relkind = 'p' OR c.relispartition) THEN 28 ELSE 0 END AS events
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN named_relation t ON t.name = c.relname
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND CASE WHEN t.schema IS NULL THEN n.oid IN (SELECT oid FROM path) ELSE t.schema = n.nspname END
  UNION
  -- Partitions and children are planned along (an UPDATE may move a row from one to another), and a view is what it selects
  -- from; what any other rule does is anything.
  SELECT more.oid, more.events FROM relation r CROSS JOIN LATERAL (
    SELECT i.inhrelid AS oid, r.events FROM pg_inherits i WHERE i.inhparent = r.oid
    UNION ALL
    SELECT d.refobjid, CASE WHEN w.ev_type = '1' THEN r.events ELSE 92 END
    FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.oid WHERE w.ev_class = r.oid) AS more),
-- Whatever a change of these carries along by foreign keys.
carried AS (
  SELECT DISTINCT oid FROM relation WHERE events & 24 > 0
  UNION
  SELECT k.conrelid FROM carried c JOIN pg_constraint k ON k.confrelid = c.oid AND k.contype = 'f'
    AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))),
reached AS (SELECT oid FROM relation UNION SELECT oid FROM carried),
column_type AS (
  SELECT DISTINCT a.attrelid, a.atttypid AS oid FROM pg_attribute a
  WHERE a.attrelid IN (SELECT oid FROM reached) AND a.attnum > 0 AND NOT a.attisdropped),
-- A domain is what it is made of, and its checks.
domain AS (
  SELECT t.oid, t.typbasetype, t.oid AS top FROM pg_type t WHERE t.typtype = 'd'
    AND (t.oid IN (SELECT oid FROM column_type) OR t.typname IN (SELECT name FROM named_type) OR t.typname = ANY ($14::text[]))
  UNION SELECT t.oid, t.typbasetype, d.top FROM domain d JOIN pg_type t ON t.oid = d.typbasetype AND t.typtype = 'd'),
sound_type AS (
  SELECT oid FROM ours
  UNION SELECT d.top FROM domain d WHERE d.typbasetype IN (SELECT oid FROM ours)),
tree AS (
  SELECT w.ev_class AS relation, coalesce(w.ev_action::text, '') || coalesce(w.ev_qual::text, '') AS text FROM pg_rewrite w
  -- A default stands in for what is not written; a generated column is computed at every change.
  UNION ALL SELECT d.adrelid, d.adbin::text FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE d.adrelid IN (SELECT oid FROM relation WHERE events & 68 > 0)
      OR (a.attgenerated <> '' AND d.adrelid IN (SELECT oid FROM reached)) OR (d.adrelid IN (SELECT oid FROM carried) AND EXISTS (
        SELECT FROM pg_constraint k WHERE k.conrelid = d.adrelid AND k.contype = 'f' AND (k.confdeltype = 'd' OR k.confupdtype = 'd')))
  UNION ALL SELECT conrelid, conbin::text FROM pg_constraint WHERE conrelid <> 0 AND conbin IS NOT NULL
  UNION ALL SELECT indrelid, coalesce(indexprs::text, '') || coalesce(indpred::text, '') FROM pg_index
  UNION ALL SELECT polrelid, coalesce(polqual::text, '') || coalesce(polwithcheck::text, '') FROM pg_policy
  UNION ALL SELECT partrelid, partexprs::text FROM pg_partitioned_table WHERE partexprs IS NOT NULL
  UNION ALL SELECT oid, relpartbound::text FROM pg_class WHERE relpartbound IS NOT NULL
  UNION ALL SELECT stxrelid, stxexprs::text FROM pg_statistic_ext WHERE stxexprs IS NOT NULL),
mentioned AS (
  SELECT t.relation, m[1] AS kind, m[2]::oid AS oid
  FROM tree t CROSS JOIN LATERAL regexp_matches(t.text, ':(funcid|opfuncid|hashfuncid|negfuncid|aggfnoid|winfnoid|opno) (\\d+)', 'g') AS m
  WHERE t.relation IN (SELECT oid FROM reached)
  UNION
  SELECT 0, m[1], m[2]::oid FROM domain d CROSS JOIN LATERAL (
      SELECT conbin::text AS text FROM pg_constraint WHERE contypid = d.oid
      UNION ALL SELECT typdefaultbin::text FROM pg_type WHERE oid = d.oid) AS t
    CROSS JOIN LATERAL regexp_matches(t.text, ':(funcid|opfuncid|hashfuncid|negfuncid|aggfnoid|winfnoid|opno) (\\d+)', 'g') AS m),
stored AS (
  SELECT relation, CASE WHEN kind = 'opno' THEN (SELECT oprcode::oid FROM pg_operator o WHERE o.oid = m.oid) ELSE oid END AS oid
  FROM mentioned m WHERE oid <> 0),
stranger AS (
  -- Of the server's own, what is volatile runs, and never while it plans, unless reading what it is called with looks something up
  -- (regclass); one of a user's may be put in its body's place.
  SELECT format('%s may read or do more than it is given', p.oid::regprocedure) AS what,
    p.oid >= 16384 OR p.provolatile <> 'v' OR EXISTS (SELECT FROM unnest(p.proargtypes) AS a(type) WHERE a.type NOT IN (SELECT oid FROM could_be))
      AS planning, p.oid >= 16384 AS own
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN named_function f ON f.name = p.proname
  WHERE CASE WHEN f.schema IS NULL THEN n.oid IN (SELECT oid FROM path) ELSE f.schema = n.nspname END AND p.oid NOT IN (SELECT oid FROM ok_function)
    AND (p.oid >= 16384 OR NOT EXISTS (SELECT FROM pg_proc s WHERE s.proname = p.proname AND s.oid IN (SELECT oid FROM ok_function)))
  UNION ALL
  SELECT format('%s could be meant by a name written like a column', p.oid::regprocedure), true, p.oid >= 16384
  FROM pg_proc p JOIN pg_type t ON t.oid = p.proargtypes[0]
  WHERE (p.proname = ANY ($14::text[]) OR (p.proname = ANY ($11::text[]) AND t.typtype IN ('c', 'p')))
    AND p.pronargs >= 1 AND p.pronargs - p.pronargdefaults <= 1 AND p.pronamespace IN (SELECT oid FROM path)
    AND p.oid NOT IN (SELECT oid FROM ok_function)
    AND (p.oid >= 16384 OR NOT EXISTS (SELECT FROM pg_proc s WHERE s.proname = p.proname AND s.oid IN (SELECT oid FROM ok_function)))
    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid IN (SELECT oid FROM relation) AND a.attname = p.proname AND p.oid < 16384)
  UNION ALL
  SELECT format('operator %s may read or do more than it is given', o.oid::regoperator), true, o.oid >= 16384
  FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace JOIN named_operator t ON t.name = o.oprname
  WHERE CASE WHEN t.schema IS NULL THEN n.oid IN (SELECT oid FROM path) ELSE t.schema = n.nspname END AND o.oprcode::oid NOT IN (SELECT oid FROM ok_function)
    AND CASE WHEN o.oid < 16384
      THEN (o.oprleft = 0 OR o.oprleft IN (SELECT oid FROM could_be)) AND o.oprright IN (SELECT oid FROM could_be)
      ELSE EXISTS (SELECT FROM (VALUES (o.oprleft), (o.oprright)) AS side(type) WHERE type IN (SELECT oid FROM made_of)
        OR EXISTS (SELECT FROM pg_cast k WHERE k.casttarget = type AND k.castcontext = 'i' AND k.castsource IN (SELECT oid FROM made_of)))
        -- A name that only users' operators have takes whatever literal it is given.
        OR NOT EXISTS (SELECT FROM pg_operator b WHERE b.oprname = o.oprname AND b.oid < 16384) END
  UNION ALL
  SELECT format('type %s may read its values in a way of its own', t.oid::regtype), true, t.oid >= 16384
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  JOIN (SELECT * FROM named_type UNION SELECT f.schema, f.name FROM named_function f
    UNION SELECT NULL, unnest($14::text[])) AS named ON named.name = t.typname
  WHERE CASE WHEN named.schema IS NULL THEN n.oid IN (SELECT oid FROM path) ELSE named.schema = n.nspname END AND t.oid NOT IN (SELECT oid FROM sound_type)
  UNION ALL
  SELECT DISTINCT format('%s has a column of type %s', c.attrelid::regclass, c.oid::regtype), true, c.oid >= 16384
  FROM column_type c WHERE c.oid NOT IN (SELECT oid FROM sound_type)
  UNION ALL
  SELECT DISTINCT format('%s calls %s', CASE WHEN s.relation = 0 THEN 'a domain' ELSE s.relation::regclass::text END, s.oid::regprocedure),
    p.oid >= 16384 OR p.provolatile <> 'v', p.oid >= 16384
  FROM stored s JOIN pg_proc p ON p.oid = s.oid WHERE s.oid NOT IN (SELECT oid FROM ok_function)
  UNION ALL
  SELECT format('%s is a foreign table', c.oid::regclass), true, true
  FROM pg_class c WHERE c.relkind = 'f' AND c.oid IN (SELECT oid FROM reached)
  UNION ALL
  SELECT format('the cast from %s to %s is no cast of PostgreSQL’s own', k.castsource::regtype, k.casttarget::regtype), true, true
  FROM pg_cast k WHERE k.oid >= 16384 AND k.castfunc >= 16384
    AND k.castsource IN (SELECT oid FROM made_of) AND k.casttarget IN (SELECT oid FROM made_of)
  UNION ALL
  -- Planning compares values by btree and hash (ends of an index, partitions); other kinds of index are asked when it runs.
  SELECT format('%s is ordered or found by operator class %s', u.relation::regclass, c.opcname), c.opcmethod IN (403, 405), true
  FROM (SELECT indrelid AS relation, unnest(indclass) AS class FROM pg_index UNION ALL SELECT partrelid, unnest(partclass) FROM pg_partitioned_table) AS u
  JOIN pg_opclass c ON c.oid = u.class WHERE c.oid >= 16384 AND u.relation IN (SELECT oid FROM reached)
  UNION ALL
  SELECT format('operator class %s orders or finds values of %s', c.opcname, c.opcintype::regtype), true, true
  FROM pg_opclass c WHERE c.oid >= 16384 AND c.opcdefault AND c.opcmethod IN (403, 405) AND c.opcintype IN (SELECT oid FROM could_be)
  UNION ALL
  SELECT format('%s was added to how %s is ordered or found', a.amproc, a.amproclefttype::regtype), true, true
  FROM pg_amproc a WHERE a.oid >= 16384 AND a.amproclefttype IN (SELECT oid FROM could_be) AND a.amprocfamily < 16384
  UNION ALL
  SELECT format('trigger %I on %s would run', g.tgname, g.tgrelid::regclass), false, true
  FROM pg_trigger g WHERE g.tgrelid IN (SELECT oid FROM reached) AND NOT g.tgisinternal AND g.tgenabled <> 'D'
    -- Of what is carried along rows are deleted or updated, and from one partition inserted into another.
    AND g.tgtype & coalesce((SELECT bit_or(r.events) FROM relation r WHERE r.oid = g.tgrelid), 0)
      | CASE WHEN EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = g.tgrelid AND k.confrelid IN (SELECT oid FROM carried))
        THEN g.tgtype & 28 ELSE 0 END > 0
  UNION ALL
  SELECT format('%s draws a number from its sequence', a.attrelid::regclass), false, false
  FROM pg_attribute a WHERE a.attidentity <> '' AND NOT a.attisdropped AND a.attrelid IN (SELECT oid FROM relation WHERE events & 68 > 0))
SELECT coalesce(array_agg(DISTINCT what ORDER BY what) FILTER (WHERE planning), '{}') AS planning,
  coalesce(array_agg(DISTINCT what ORDER BY what) FILTER (WHERE NOT planning), '{}') AS running,
  coalesce(bool_or(own), false) AS "mayWriteMore"
FROM stranger`;

/** Finds, by catalogues alone, what a statement could call that is not on the list. Reads no row of anybody's. */
export async function strangersOf(client: Client, outline: Outline, searchPath: readonly string[]): Promise<Strangers> {
  const { functions, operators, types, relations, fields, methods, setsDefaults, unknown } = outline;
  const values = [
    [...FUNCTIONS.keys()],
    [...TYPES.keys()],
    ...[functions, operators, types, relations].flatMap((names) => [schemasIn(names), namesIn(names)]),
    fields,
    relations.map(({ how }) => EVENTS[how] | (how !== 'select' && setsDefaults ? DEFAULTS : 0)),
    searchPath,
    methods,
  ];
  const { rows } = await client.query<Strangers>({ name: 'countersign-reach', text: REACH, values });
  const [found = NOTHING_SAID] = rows;
  const parts = unknown.map((part) => `${part} is a part of SQL that is not read here`);
  return { ...found, planning: [...parts, ...found.planning] };
}

const NOTHING_SAID: Strangers = { planning: ['the database did not say'], running: [], mayWriteMore: true };

/** As PostgreSQL marks the events of a trigger in `tgtype`. */
const EVENTS: Readonly<Record<How, number>> = { select: 0, insert: 4, delete: 8, update: 16 };

/** DEFAULT is written somewhere: a mark of our own, beside an insert's. */
const DEFAULTS = 64;

const schemasIn = (names: readonly Name[]): (string | null)[] => names.map(({ schema }) => schema);
const namesIn = (names: readonly Name[]): string[] => names.map(({ name }) => name);
