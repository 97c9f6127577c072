import { refuse } from '#lib/core';
import type { PostgresConfig } from '#lib/targets';
import type { Client } from '../connection/connection';
import { identifier, qualified } from './quote';

export interface Table {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table';
  /** As of the last ANALYZE; null where there was none. */
  readonly estimatedRows: number | null;
  readonly rowSecurity: boolean;
  /** Verbs of those asked that the broker cannot grant. */
  readonly lacking: readonly string[];
  /** Verbs of any kind that every role has here. */
  readonly publicVerbs: readonly string[];
}

export interface Sequence {
  readonly schema: string;
  readonly name: string;
}

export interface Resolved {
  readonly tables: readonly Table[];
  /** Those that the tables' defaults draw from. */
  readonly sequences: readonly Sequence[];
  /** The target's own clock. */
  readonly now: Date;
}

interface Named {
  readonly schemas: readonly string[];
  readonly tables: readonly { readonly schema: string; readonly name: string }[];
}

/** `table/public.bookings` and `schema/public`, taken apart. */
function namedBy(resources: readonly string[]): Named {
  const part = (kind: string): string[] =>
    resources.filter((resource) => resource.startsWith(`${kind}/`)).map((resource) => resource.slice(kind.length + 1));
  const tables = part('table').map((text) => {
    const [schema, name, ...rest] = text.split('.');
    if (schema === undefined || name === undefined || rest.length > 0)
      return refuse('invalid_request', 'Write table/SCHEMA.TABLE or schema/SCHEMA.');
    return { schema, name };
  });
  const named = { schemas: part('schema'), tables };
  if (named.schemas.length + tables.length !== resources.length)
    refuse('invalid_request', 'Write table/SCHEMA.TABLE or schema/SCHEMA.');
  return named;
}

export const resourceOf = (object: { readonly schema: string; readonly name: string }): string =>
  `table/${object.schema}.${object.name}`;

/** Stands for whatever table it may be. No name of one, which has a schema. */
export const ANY_TABLE = 'table/*';

export const schemasOf = (tables: readonly Table[]): string[] => [...new Set(tables.map((table) => table.schema))];

const RESOLVE = `
WITH named AS (SELECT * FROM unnest($1::text[], $2::text[]) AS t(schema, name)),
tables AS (
  SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relrowsecurity,
    CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
      WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END AS kind,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples END AS rows, c.relacl
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r','p','v','m','f')
    AND (n.nspname = ANY ($3::text[]) OR EXISTS (SELECT FROM named WHERE named.schema = n.nspname AND named.name = c.relname))),
sequences AS (
  SELECT DISTINCT n.nspname::text AS schema, s.relname::text AS name
  FROM tables t JOIN pg_catalog.pg_attrdef a ON a.adrelid = t.oid
  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
    AND d.refclassid = 'pg_catalog.pg_class'::regclass
  JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
  JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace)
SELECT clock_timestamp() AS now,
  (SELECT coalesce(json_agg(s ORDER BY schema, name), '[]') FROM sequences s) AS sequences,
  (SELECT coalesce(json_agg(json_build_object('oid', oid::text, 'schema', schema, 'name', name, 'kind', kind,
     'estimatedRows', rows::float8, 'rowSecurity', relrowsecurity,
     'lacking', ARRAY(SELECT v FROM unnest($4::text[]) v
       WHERE NOT has_table_privilege(oid, v || ' WITH GRANT OPTION')),
     'publicVerbs', ARRAY(SELECT DISTINCT lower(privilege_type) FROM aclexplode(relacl) WHERE grantee = 0)
   ) ORDER BY schema, name), '[]') FROM tables) AS tables`;

/** The resources as tables that exist now. `invalid_request` names what does not; `target_refused` what the broker cannot grant. */
export async function resolve(
  client: Client,
  config: PostgresConfig,
  ask: { readonly resources: readonly string[]; readonly verbs: readonly string[] },
): Promise<Resolved> {
  const named = namedBy(ask.resources);
  const values = [
    named.tables.map((table) => table.schema),
    named.tables.map((table) => table.name),
    named.schemas,
    ask.verbs,
  ];
  const { rows } = await client.query<Resolved>({ name: 'countersign-resolve', text: RESOLVE, values });
  const [found] = rows;
  if (found === undefined) return refuse('target_refused', 'The database did not answer what its tables are.');
  checkPresent(config, named, found.tables);
  checkGrantable(config, found.tables);
  return found;
}

export async function oidsOf(
  client: Client,
  names: readonly { readonly schema: string; readonly name: string }[],
): Promise<string[]> {
  const { rows } = await client.query<{ oid: string }>(
    `SELECT c.oid::text AS oid FROM unnest($1::text[], $2::text[]) AS t(schema, name)
     JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name`,
    [names.map((one) => one.schema), names.map((one) => one.name)],
  );
  return rows.map(({ oid }) => oid);
}

function checkPresent(config: PostgresConfig, named: Named, tables: readonly Table[]): void {
  const missing = [
    ...named.tables
      .filter((asked) => !tables.some((table) => table.schema === asked.schema && table.name === asked.name))
      .map((table) => `table ${table.schema}.${table.name}`),
    ...named.schemas
      .filter((schema) => !tables.some((table) => table.schema === schema))
      .map((schema) => `table in schema ${schema}`),
  ];
  if (missing.length > 0) refuse('invalid_request', `The database of ${config.name} has no ${missing.join(', no ')}.`);
}

function checkGrantable(config: PostgresConfig, tables: readonly Table[]): void {
  const short = tables.filter((table) => table.lacking.length > 0);
  if (short.length === 0) return;
  const mend = short.map(
    (table) =>
      `GRANT ${table.lacking.join(', ').toUpperCase()} ON ${qualified(table)} TO ${identifier(config.user)} WITH GRANT OPTION;`,
  );
  refuse(
    'target_refused',
    `The broker of ${config.name} cannot grant this. The tables' owner can mend it: ${mend.join(' ')}`,
  );
}
