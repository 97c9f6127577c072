import { refuse } from '#lib/core';
import { identifier, literal, ownRole } from '../catalog/quote';
import { type Broker, type Client, runAll } from '../connection/connection';
import { codeOf } from '../connection/errors';
import { LOCK_WAIT, unlessLocked } from './locks';
import { terminateSessions, terminateUntil } from './sessions';

/*
 * The order that works: no new login, no session left, no transaction parked,
 * nothing owned anywhere, no role. DROP ROLE or REVOKE alone leave a session
 * alive (T36). Every step may be repeated after a crash at any point. After the
 * third the credential is dead: what then waits for locks that others hold is left
 * for later (T83).
 */

interface Left {
  readonly parked: readonly { readonly database: string; readonly gid: string }[];
  /** Statements that take back what was granted on tables and sequences here. */
  readonly revokes: readonly string[];
  /** Databases where access lists or objects name the role. */
  readonly places: readonly { readonly database: string; readonly owns: boolean }[];
}

/** Returns what the role owned and the broker now holds, and what could not be removed yet, one sentence each. */
export async function end(broker: Broker, reference: string): Promise<readonly string[]> {
  const role = ownRole(reference);
  if (!(await lockOut(broker, role))) return [];
  const left = await broker.run(async (client) => {
    await terminateSessions(client, role);
    return await whatIsLeft(client, role);
  });
  await rollBackAll(broker, role, left);
  if (!(await removed(broker, role, left))) return [`${role} is locked out and has no session. ${REMOVED_LATER}`];
  return left.places
    .filter((place) => place.owns)
    .map((place) => `What ${role} owned in database ${place.database} now belongs to ${broker.config.user}.`);
}

export const REMOVED_LATER = 'Its name is removed once others let go of their locks on the tables it could use.';

/** False where somebody else's lock stands in the way. */
async function removed(broker: Broker, role: string, { places, revokes }: Left): Promise<boolean> {
  const { database: here } = broker.config;
  for (const { database } of places.filter((place) => place.database !== here)) {
    const done = await broker.elsewhere(database, (client) =>
      unlessLocked(client, () => runAll(client, ['BEGIN', LOCK_WAIT, ...handOver(role, true, []), 'COMMIT'])),
    );
    if (!done) return false;
  }
  const owns = places.some((place) => place.owns && place.database === here);
  return broker.change((client) => unlessLocked(client, () => drop(client, role, owns, revokes)));
}

/**
 * False where there is no such role: it was never minted, or is gone already.
 * The grantee may sit on its own catalogue row, with `ALTER ROLE … PASSWORD` in a
 * transaction left open or parked: then those are ended while this waits in line.
 */
async function lockOut(broker: Broker, role: string): Promise<boolean> {
  const attempt = (lockTimeout: string): Promise<Outcome> => broker.run((client) => noLogin(client, role, lockTimeout));
  const first = await attempt('100ms');
  if (first !== 'blocked') return first === 'done';
  const waiting = attempt('5s');
  // Connections outside the pool: several such ends at once must not wait for each other's.
  const apart = <T>(work: (client: Client) => Promise<T>): Promise<T> => broker.elsewhere(broker.config.database, work);
  const [second] = await Promise.all([
    waiting,
    apart((client) => terminateUntil(client, role, waiting)),
    apart((client) => whatIsLeft(client, role)).then((left) => rollBackAll(broker, role, left)),
  ]);
  return second === 'blocked'
    ? refuse('target_refused', `${role} cannot be locked out: its catalogue row is held.`)
    : second === 'done';
}

type Outcome = 'done' | 'absent' | 'blocked';
const OUTCOMES: Readonly<Record<string, Outcome>> = { '42704': 'absent', '55P03': 'blocked' };

async function noLogin(client: Client, role: string, lockTimeout: string): Promise<Outcome> {
  try {
    await runAll(client, [
      'BEGIN',
      `SET LOCAL lock_timeout = ${literal(lockTimeout)}`,
      `ALTER ROLE ${identifier(role)} NOLOGIN PASSWORD NULL`,
      'COMMIT',
    ]);
    return 'done';
  } catch (error) {
    const outcome = OUTCOMES[codeOf(error) ?? ''];
    if (outcome === undefined) throw error;
    await client.query('ROLLBACK');
    return outcome;
  }
}

const LEFT = `
WITH r AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1)
SELECT
  (SELECT coalesce(json_agg(json_build_object('database', p.database, 'gid', p.gid)), '[]')
   FROM pg_catalog.pg_prepared_xacts p WHERE p.owner = $1) AS parked,
  (SELECT coalesce(json_agg(format('REVOKE %s ON %s %s FROM %I', verbs, type, names, $1)), '[]') FROM (
     SELECT verbs, type, string_agg(name, ', ') AS names FROM (
       SELECT format('%I.%I', n.nspname, c.relname) AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS type,
         string_agg(DISTINCT a.privilege_type, ', ') AS verbs
       FROM pg_catalog.pg_shdepend s JOIN r ON s.refobjid = r.oid JOIN pg_catalog.pg_class c ON c.oid = s.objid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
       WHERE s.classid = 'pg_catalog.pg_class'::regclass AND s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.deptype = 'a'
         AND s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) AND a.grantee = r.oid
       GROUP BY c.oid, 1, 2) one GROUP BY verbs, type) many) AS revokes,
  (SELECT coalesce(json_agg(place), '[]') FROM (
     SELECT d.datname AS database, bool_or(s.deptype = 'o') AS owns
     FROM pg_catalog.pg_shdepend s JOIN r ON s.refobjid = r.oid JOIN pg_catalog.pg_database d ON d.oid = s.dbid
     WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass GROUP BY d.datname) place) AS places`;

async function whatIsLeft(client: Client, role: string): Promise<Left> {
  const { rows } = await client.query<Left>(LEFT, [role]);
  return rows[0] ?? refuse('target_refused', `The catalogue does not say what ${role} leaves.`);
}

async function rollBackAll(broker: Broker, role: string, left: Left): Promise<void> {
  for (const { database, gid } of left.parked)
    await broker.elsewhere(database, (client) => rollBackParked(client, role, gid));
}

/** Only the transaction's owner may roll it back; the broker may become it. Both outside any transaction block. */
async function rollBackParked(client: Client, role: string, gid: string): Promise<void> {
  await client.query(`SET ROLE ${identifier(role)}`);
  await client.query(`ROLLBACK PREPARED ${literal(gid)}`).catch((error: unknown) => {
    if (codeOf(error) !== '42704') throw error;
  });
}

/**
 * What it owns may be somebody's data: handed over, never dropped. What was
 * granted to it goes. DROP OWNED alone asks for column rights on every relation,
 * which a broker need not have: hence the exact REVOKEs first.
 */
const handOver = (role: string, owns: boolean, revokes: readonly string[]): string[] => [
  ...(owns ? [`REASSIGN OWNED BY ${identifier(role)} TO CURRENT_USER`] : []),
  ...revokes,
  `DROP OWNED BY ${identifier(role)}`,
];

/**
 * A login that was half-way in when NOLOGIN was committed shows up late: looked
 * for once more, before the name by which it could be found is gone.
 */
async function drop(client: Client, role: string, owns: boolean, revokes: readonly string[]): Promise<void> {
  try {
    await runAll(client, ['BEGIN', LOCK_WAIT, ...handOver(role, owns, revokes)]);
    await terminateSessions(client, role);
    await runAll(client, [`DROP ROLE ${identifier(role)}`, 'COMMIT']);
  } catch (error) {
    // Somebody else ended it meanwhile.
    if (codeOf(error) !== '42704') throw error;
    await client.query('ROLLBACK');
  }
}
