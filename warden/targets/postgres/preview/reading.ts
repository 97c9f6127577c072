import { refuse } from '#lib/core';
import type { Ask, SqlOperation } from '#lib/targets';
import { type Resolved, resolve, resourceOf, schemasOf } from '../catalog/tables';
import type { Broker, Client } from '../connection/connection';
import {
  type How,
  type Name,
  type Outline,
  outlineOf,
  type SqlParser,
  type Strangers,
  strangersOf,
} from '../statement';
import { refuseUncounted } from './operation';

/*
 * What an exact statement means, by its own tree and by the catalogue of the
 * target's schemas. Nothing here is planned or run, and no row, size or statistic is
 * read: so whatever is refused here the agent may be told (P1, T79).
 */

/** What reads and looks at a target. */
export interface Looking {
  readonly broker: Broker;
  readonly parser: SqlParser;
}

/** A relation as the statement names it, and which one that is, where it is no query of WITH. */
export interface Meant extends Name {
  readonly how: How;
  /** Null where there is none. */
  readonly found: { readonly schema: string; readonly may: boolean } | null;
}

export interface Reading {
  readonly operation: SqlOperation;
  readonly outline: Outline;
  readonly resolved: Resolved;
  readonly relations: readonly Meant[];
  readonly strangers: Strangers;
  /** Whether it may be tried, to count its rows. */
  readonly countRows: boolean;
}

/** What every role may look up, beside what its target offers. */
const SYSTEM = ['pg_catalog', 'information_schema'];

/** Reads the statement. Throws `invalid_request` where it cannot be what was asked for. */
export async function read({ broker, parser }: Looking, operation: SqlOperation, ask: Ask): Promise<Reading> {
  const [statement, ...more] = await parser.parse(operation.sql);
  if (statement === undefined || more.length > 0)
    return refuse('invalid_request', 'An exact operation is one statement, and no other beside it.');
  const outline = outlineOf(statement);
  const reading = await broker.run(async (client) => {
    const resolved = await resolve(client, broker.config, ask);
    const relations = await relationsOf(client, ask, outline, resolved);
    checkRelations(
      broker.config.schemas,
      ask,
      relations.filter((one) => !mayBeQuery(outline, one)),
    );
    await checkNames(client, outline, resolved);
    return {
      operation,
      outline,
      resolved,
      relations,
      strangers: await strangersOf(client, outline, searchPath(resolved)),
    };
  });
  const { planning, running } = reading.strangers;
  const countRows = broker.config.countRows && planning.length + running.length === 0;
  if (operation.maxRows === undefined && !countRows) refuseUncounted();
  return { ...reading, countRows };
}

/** Whether every name that is written with a schema is of one that the target offers. */
export function namesOnlyOffered({ functions, operators, types }: Outline, schemas: readonly string[]): boolean {
  const offered = [...schemas, ...SYSTEM];
  return [...functions, ...operators, ...types].every(({ schema }) => schema === null || offered.includes(schema));
}

/** As the role that runs it looks for names. */
export const searchPath = ({ tables }: Resolved): string[] => ['pg_catalog', ...schemasOf(tables), 'pg_temp'];

const MEANT = `
SELECT t.schema, t.name, t.how, to_jsonb(found) AS found
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS t(schema, name, how, n)
LEFT JOIN LATERAL (
  SELECT s.nspname AS schema,
    (c.oid = ANY ($5::oid[]) AND t.how = ANY ($6::text[]))
    OR EXISTS (SELECT FROM aclexplode(c.relacl) x WHERE x.grantee = 0 AND lower(x.privilege_type) = t.how)
    OR EXISTS (SELECT FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) x
      WHERE a.attrelid = c.oid AND x.grantee = 0 AND lower(x.privilege_type) = t.how) AS may
  FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
  WHERE c.relname = t.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND coalesce(s.nspname = t.schema, s.nspname = ANY ($4::text[]))
  ORDER BY array_position($4::text[], s.nspname::text) LIMIT 1) AS found ON true
ORDER BY t.n`;

async function relationsOf(
  client: Client,
  { verbs }: Ask,
  outline: Outline,
  resolved: Resolved,
): Promise<readonly Meant[]> {
  const needed = [...outline.relations, ...alsoRead(outline)];
  const { rows } = await client.query<Meant>({
    name: 'countersign-meant',
    text: MEANT,
    values: [
      needed.map(({ schema }) => schema),
      needed.map(({ name }) => name),
      needed.map(({ how }) => how),
      searchPath(resolved),
      resolved.tables.map(({ oid }) => oid),
      verbs,
    ],
  });
  return rows;
}

/** Only the server knows where in the statement such a name is that of a table after all: it may read one that was asked for. */
const mayBeQuery = ({ queries }: Outline, { schema, name, how }: Meant): boolean =>
  schema === null && how === 'select' && queries.includes(name);

/** An UPDATE or DELETE of one table alone that has the name of a column somewhere reads that table. */
function alsoRead({ relations, readsColumns, hasInnerRows }: Outline): Outline['relations'] {
  const [only, ...more] = relations;
  if (only === undefined || more.length > 0 || hasInnerRows || !readsColumns) return [];
  return only.how === 'update' || only.how === 'delete' ? [{ ...only, how: 'select' }] : [];
}

function checkRelations(schemas: readonly string[], ask: Ask, relations: readonly Meant[]): void {
  const outside = relations.find(({ schema }) => schema !== null && ![...schemas, ...SYSTEM].includes(schema));
  if (outside !== undefined)
    refuse('invalid_request', `${nameOf(outside)} is in no schema of this target: ${schemas.join(', ')}.`);
  const missing = relations.find(({ found }) => found === null);
  if (missing !== undefined) refuse('invalid_request', `There is no table ${nameOf(missing)} here.`);
  const errors = relations.flatMap((one) => lackOf(ask, one));
  if (errors.length === 0) return;
  refuse('invalid_request', 'The statement needs rights that were not asked for.', { errors });
}

function lackOf(ask: Ask, { name, how, found }: Meant): { pointer: string; detail: string }[] {
  if (found === null || found.may) return [];
  const pointer = ask.verbs.includes(how) ? '/resources' : '/verbs';
  return [{ pointer, detail: `It needs ${how} on ${resourceOf({ schema: found.schema, name })}.` }];
}

const nameOf = ({ schema, name }: Name): string => (schema === null ? name : `${schema}.${name}`);

const UNKNOWN_NAMES = `
SELECT t.kind, t.name FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t(kind, name, n)
WHERE NOT CASE t.kind
  WHEN 'operator' THEN EXISTS (SELECT FROM pg_operator o JOIN pg_namespace s ON s.oid = o.oprnamespace
    WHERE o.oprname = t.name AND s.nspname = ANY ($3::text[]))
  ELSE EXISTS (SELECT FROM pg_type y JOIN pg_namespace s ON s.oid = y.typnamespace
      WHERE y.typname = t.name AND s.nspname = ANY ($3::text[]))
    OR (t.kind = 'function' AND EXISTS (SELECT FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace
      WHERE p.proname = t.name AND s.nspname = ANY ($3::text[]))) END
ORDER BY t.n LIMIT 1`;

/** A name without a schema that the role's search path does not have is none, whatever other schemas hold. */
async function checkNames(client: Client, outline: Outline, resolved: Resolved): Promise<void> {
  const plain = (kind: string, names: readonly Name[]): [kind: string, name: string][] =>
    names.filter(({ schema }) => schema === null).map(({ name }) => [kind, name]);
  const all = [
    ...plain('function', outline.functions),
    ...plain('operator', outline.operators),
    ...plain('type', outline.types),
  ];
  const { rows } = await client.query<{ kind: string; name: string }>({
    name: 'countersign-unknown-names',
    text: UNKNOWN_NAMES,
    values: [all.map(([kind]) => kind), all.map(([, name]) => name), searchPath(resolved)],
  });
  const [unknown] = rows;
  if (unknown === undefined) return;
  const where = schemasOf(resolved.tables).join(', ');
  refuse('invalid_request', `There is no ${unknown.kind} ${unknown.name} in PostgreSQL or in ${where}.`);
}
