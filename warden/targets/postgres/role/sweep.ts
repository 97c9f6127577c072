import type { Broker } from '../connection/connection';
import { end } from './end';

/**
 * Only roles this broker made: another installation may serve the same server,
 * and its grants are none of ours (P8).
 */
const MADE_HERE = `SELECT DISTINCT r.rolname AS role FROM pg_catalog.pg_roles r
  JOIN pg_catalog.pg_auth_members m ON m.roleid = r.oid AND m.admin_option
  JOIN pg_catalog.pg_roles me ON me.oid = m.member AND me.rolname = current_user`;

const LIVES = '(r.rolcanlogin OR EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.usename = r.rolname))';

/** Roles of grants that live here, whoever remembers them. */
export async function orphans(broker: Broker): Promise<readonly string[]> {
  return await roles(broker, `${MADE_HERE} WHERE r.rolname ~ '^cs_grn_[0-9a-z]{20}$' AND ${LIVES} ORDER BY 1`);
}

/** Sessions of theirs may live on though no new login is let in; by the server's own clock, as its VALID UNTIL is. */
export async function expiredRoles(broker: Broker): Promise<readonly string[]> {
  return await roles(
    broker,
    `${MADE_HERE} WHERE r.rolname ~ '^cs_grn_[0-9a-z]{20}$' AND r.rolvaliduntil < now() - interval '30 seconds' ORDER BY 1`,
  );
}

/**
 * A preview's role is valid for 30 seconds; past a minute nobody is using it. A
 * grant's that is dead kept its name while others held locks.
 */
export async function sweepDead(broker: Broker): Promise<readonly string[]> {
  const stale = await roles(
    broker,
    `${MADE_HERE} WHERE (r.rolname ~ '^cs_prv_[0-9a-z]{20}$' AND r.rolvaliduntil < now() - interval '30 seconds')
      OR (r.rolname ~ '^cs_grn_[0-9a-z]{20}$' AND NOT ${LIVES}) ORDER BY 1`,
  );
  for (const role of stale) await end(broker, role);
  return stale;
}

async function roles(broker: Broker, sql: string): Promise<string[]> {
  const { rows } = await broker.run((client) => client.query<{ role: string }>(sql));
  return rows.map(({ role }) => role);
}
