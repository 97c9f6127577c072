import type { PostgresConfig } from '#lib/targets';
import type { Inspection } from '../../driver';
import type { Broker } from '../connection/connection';
import { brokerScript } from './broker-script';
import { type BrokerFacts, dangersOf, inspectionWarnings } from './dangers';

/** One look at everything a broker must and must not be. `$1`: the schemas. */
const FACTS = `
WITH me AS (SELECT * FROM pg_catalog.pg_roles WHERE rolname = current_user),
tables AS (SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind, c.reltuples, c.relacl, c.relowner
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r','p','v','m','f') AND n.nspname = ANY ($1::text[]))
SELECT split_part(current_setting('server_version'), ' ', 1) AS version, current_setting('server_version_num')::int AS number,
  (SELECT rolsuper FROM me) AS superuser, (SELECT rolcreaterole FROM me) AS "createRole",
  (SELECT rolreplication FROM me) AS replication, (SELECT rolbypassrls FROM me) AS "bypassRls",
  ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r, me WHERE r.oid <> me.oid AND NOT me.rolsuper
    AND (r.rolsuper OR r.rolname IN ('pg_execute_server_program','pg_read_server_files','pg_write_server_files'))
    AND pg_has_role(me.oid, r.oid, 'MEMBER') ORDER BY 1) AS "dangerousRoles",
  ARRAY(SELECT s FROM unnest($1::text[]) s WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = s)) AS "missingSchemas",
  ARRAY(SELECT n.nspname::text FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY ($1::text[])
    AND NOT has_schema_privilege(n.oid, 'USAGE WITH GRANT OPTION')
    AND NOT EXISTS (SELECT FROM aclexplode(n.nspacl) WHERE grantee = 0 AND privilege_type = 'USAGE') ORDER BY 1) AS "closedSchemas",
  NOT has_database_privilege(current_database(), 'CONNECT WITH GRANT OPTION')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba)))
      WHERE d.datname = current_database() AND grantee = 0 AND privilege_type = 'CONNECT') AS "closedDatabase",
  ARRAY(SELECT privilege_type FROM pg_catalog.pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba)))
    WHERE d.datname = current_database() AND grantee = 0 AND privilege_type IN ('TEMPORARY','CREATE') ORDER BY 1) AS "publicOnDatabase",
  ARRAY(SELECT n.nspname::text FROM pg_catalog.pg_namespace n, aclexplode(n.nspacl)
    WHERE grantee = 0 AND privilege_type = 'CREATE' AND n.nspname !~ '^pg_(toast_)?temp' ORDER BY 1) AS "publicCreateSchemas",
  (SELECT coalesce(json_agg(json_build_object('schema', schema, 'name', name, 'kind', relkind, 'estimatedRows',
      CASE WHEN reltuples >= 0 THEN reltuples::float8 END, 'owner', relowner::regrole::text,
      'lacking', ARRAY(SELECT v FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE']) v
        WHERE NOT has_table_privilege(oid, v || ' WITH GRANT OPTION')),
      'publicVerbs', ARRAY(SELECT DISTINCT privilege_type FROM aclexplode(relacl) WHERE grantee = 0)) ORDER BY schema, name), '[]')
    FROM tables) AS tables,
  ARRAY(SELECT DISTINCT sn.nspname || '.' || s.relname FROM tables t JOIN pg_catalog.pg_attrdef a ON a.adrelid = t.oid
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
    JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S' JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
    WHERE CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE WITH GRANT OPTION') END ORDER BY 1) AS "closedSequences",
  ARRAY(SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog','information_schema')
    AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WHERE grantee = 0 AND privilege_type = 'EXECUTE') ORDER BY 1) AS "definerFunctions",
  ARRAY(SELECT d.datname::text FROM pg_catalog.pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba)))
    WHERE d.datallowconn AND d.datname <> current_database() AND grantee = 0 AND privilege_type = 'CONNECT' ORDER BY 1) AS "otherDatabases",
  current_setting('track_counts')::boolean AS "trackCounts"`;

const KINDS: Readonly<Record<string, string>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

export async function inspect(broker: Broker): Promise<Inspection> {
  const { config } = broker;
  const { rows } = await broker.run((client) => client.query<BrokerFacts>(FACTS, [config.schemas]));
  const [facts] = rows;
  if (facts === undefined) return unreadable(config);
  const owners = [...new Set(facts.tables.map((table) => table.owner))];
  return {
    version: `PostgreSQL ${facts.version}`,
    tables: facts.tables.map((table) => ({
      resource: `table/${table.schema}.${table.name}`,
      kind: KINDS[table.kind] ?? table.kind,
      estimatedRows: table.estimatedRows === null ? null : Math.round(table.estimatedRows),
    })),
    dangers: dangersOf(config, facts),
    warnings: inspectionWarnings(facts),
    script: facts.superuser
      ? brokerScript({ ...config, user: 'countersign_broker' }, owners)
      : brokerScript(config, owners, true),
  };
}

/** Not understood is not safe (P7). */
const unreadable = (config: PostgresConfig): Inspection => ({
  version: 'PostgreSQL',
  tables: [],
  dangers: [{ text: `The database of ${config.name} did not say what its broker may do.`, mend: '' }],
  warnings: [],
  script: null,
});
