import { refuse } from '#lib/core';
import type { Operation, SqlOperation } from '#lib/targets';
import type { ExecuteLimits, Prepared, SqlResult } from '../../driver';
import { ownRole } from '../catalog/quote';
import { ANY_TABLE } from '../catalog/tables';
import { type Broker, type Client, connectAs } from '../connection/connection';
import { said, targetError } from '../connection/errors';
import { runOne } from './run';
import { sqlOnly } from './syntax';
import { countersAreOn, total, writtenSoFar } from './written';

const LASTS_MS = 300_000;
const MAX_BYTES = 64 * 1_048_576;

/** What of the approval a database holds itself to. */
type RowLimits = Pick<ExecuteLimits, 'verbs' | 'maxRows' | 'touched'>;

export type RunLimits = RowLimits & Pick<ExecuteLimits, 'beforeSend'>;

/** Runs it once, as the minted role, and commits only what was approved. */
export async function execute(
  broker: Broker,
  prepared: Prepared,
  operation: Operation,
  limits: RunLimits,
): Promise<SqlResult> {
  const statement = sqlOnly(operation);
  const login = {
    user: ownRole(prepared.reference),
    password: prepared.secret,
    lastsMs: LASTS_MS,
    maxBytes: MAX_BYTES,
  };
  try {
    return await connectAs(broker.config, login, (client) => withinLimits(client, statement, limits));
  } catch (error) {
    throw targetError(error, broker.config, [prepared.secret, broker.secret]);
  }
}

async function withinLimits(client: Client, operation: SqlOperation, limits: RunLimits): Promise<SqlResult> {
  if (!(await countersAreOn(client)))
    refuse('target_refused', 'Not run: the database does not count rows (track_counts is off).');
  await client.query(limits.verbs.every((verb) => verb === 'select') ? 'BEGIN READ ONLY' : 'BEGIN');
  await limits.beforeSend();
  const ran = await runOne(client, operation.sql, operation.parameters);
  const written = await writtenSoFar(client);
  const drift = driftOf(
    limits,
    total(written, ran.rowCount),
    written.map((one) => one.resource),
  );
  if (drift !== null) {
    await client.query('ROLLBACK');
    refuse('target_refused', drift);
  }
  // It may have waited for a lock: an end that came meanwhile takes it back.
  await limits.beforeSend();
  await commit(client);
  return { ...ran, written };
}

/** The sentence why this is not what was approved, or null. */
export function driftOf(limits: RowLimits, rows: number, written: readonly string[]): string | null {
  if (rows > limits.maxRows)
    return `Not run, drift since the preview: it would touch ${rows} rows, and ${limits.maxRows} were approved.`;
  const approved = limits.touched.filter((one) => one.how !== 'select').map((one) => one.resource);
  if (approved.includes(ANY_TABLE)) return null;
  const other = written.filter((resource) => !approved.includes(resource));
  return other.length === 0 ? null : `Not run, drift since the preview: it would also write ${other.join(', ')}.`;
}

/** An error here leaves it open whether it ran. Say so: the caller must not repeat it. */
async function commit(client: Client): Promise<void> {
  try {
    await client.query('COMMIT');
  } catch (cause) {
    refuse(
      'target_unreachable',
      `The connection broke during COMMIT, so it is not known whether the statement took effect: ${said(cause)}`,
      { cause },
    );
  }
}
