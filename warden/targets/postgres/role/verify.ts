import { refuse } from '#lib/core';
import { schemasOf } from '../catalog/tables';
import type { Client } from '../connection/connection';
import { differences, type RolePlan } from './rights';

/*
 * What the new role really has, read back from the catalogue before the commit.
 * GRANT warns and goes on where the broker has no grant option, default
 * privileges and event triggers may add, PUBLIC may have what was not asked for.
 * pg_shdepend lists every object whose access list names the role.
 */
const RIGHTS = `
WITH r AS (SELECT oid, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS strong
  FROM pg_catalog.pg_roles WHERE rolname = $1),
held AS (SELECT s.classid::regclass::text AS class, s.objid, s.objsubid, s.deptype, r.oid AS role
  FROM pg_catalog.pg_shdepend s, r WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.refobjid = r.oid)
SELECT a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END || ' on ' || n.nspname || '.' || c.relname AS "right"
  FROM held JOIN pg_catalog.pg_class c ON held.class = 'pg_class' AND c.oid = held.objid AND held.objsubid = 0
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a WHERE a.grantee = held.role
UNION ALL SELECT a.privilege_type || ' on schema ' || n.nspname
  FROM held JOIN pg_catalog.pg_namespace n ON held.class = 'pg_namespace' AND n.oid = held.objid, aclexplode(n.nspacl) a WHERE a.grantee = held.role
UNION ALL SELECT a.privilege_type || ' on database ' || d.datname
  FROM held JOIN pg_catalog.pg_database d ON held.class = 'pg_database' AND d.oid = held.objid, aclexplode(d.datacl) a WHERE a.grantee = held.role
UNION ALL SELECT 'something on ' || class || ' ' || objid FROM held
  WHERE deptype <> 'a' OR objsubid <> 0 OR class NOT IN ('pg_class', 'pg_namespace', 'pg_database')
UNION ALL SELECT 'more than an ordinary role' FROM r WHERE strong
UNION ALL SELECT 'membership of ' || m.roleid::regrole FROM pg_catalog.pg_auth_members m, r WHERE m.member = r.oid
UNION ALL SELECT p || ' on this database, by PUBLIC' FROM r, unnest(ARRAY['TEMPORARY','CREATE']) p WHERE has_database_privilege(r.oid, current_database(), p)
UNION ALL SELECT 'CREATE on schema ' || n.nspname || ', by PUBLIC' FROM r, pg_catalog.pg_namespace n
  WHERE n.nspname !~ '^pg_(toast_)?temp' AND has_schema_privilege(r.oid, n.oid, 'CREATE')
UNION ALL SELECT 'no way into this database (CONNECT)' FROM r WHERE NOT has_database_privilege(r.oid, current_database(), 'CONNECT')
UNION ALL SELECT 'no USAGE on schema ' || s FROM r, unnest($2::text[]) s WHERE NOT has_schema_privilege(r.oid, s, 'USAGE')`;

/** Last look before the commit: throws `target_refused` unless the role has exactly what was approved (P7). */
export async function checkRights(client: Client, plan: RolePlan, target: string): Promise<void> {
  // Named: planned once a connection, since minting is what people wait for.
  const { rows } = await client.query<{ right: string }>({
    name: 'countersign-rights',
    text: RIGHTS,
    values: [plan.role, schemasOf(plan.tables)],
  });
  const wrong = differences(
    plan,
    rows.map((row) => row.right),
  );
  if (wrong.length === 0) return;
  refuse(
    'target_refused',
    `Not minted: the role at ${target} would not be exactly what was approved: it ${wrong.slice(0, 5).join('; ')}. Inspect the target for the statements that mend it.`,
  );
}
