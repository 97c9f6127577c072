import { refuse } from '#lib/core';
import type { SqlOperation } from '#lib/targets';
import type { Written } from '../../driver';
import type { Client } from '../connection/connection';
import { said } from '../connection/errors';
import { runOne } from '../execute/run';
import { countersAreOn, total, writtenSoFar } from '../execute/written';
import { type Use, usesOf } from './plan';

/** What the planner and, where it was allowed, a rolled-back run told. */
export interface DryRun {
  readonly uses: readonly Use[];
  /** The planner's words, as people read them; null where nothing was planned. */
  readonly plan: string | null;
  readonly counted: Counted | null;
  /** Why the trial run failed, in the database's words. For people only: see `count`. */
  readonly trouble: string | null;
  /** What was left out, and why, for people; null where nothing was. */
  readonly untried: Untried | null;
}

export interface Untried {
  readonly what: 'planned' | 'tried';
  readonly why: readonly string[];
  /** The database's own code would run, and may write tables that the statement does not name. */
  readonly mayWriteMore: boolean;
}

export interface Counted {
  readonly written: readonly Written[];
  readonly rowCount: number;
  readonly total: number;
}

/** A plan is signed with the request: its length is somebody's reading time. */
const MAX_PLAN = 8_000;
const LIMITS = ["SET LOCAL statement_timeout = '5s'", "SET LOCAL lock_timeout = '1s'"];

/** `client` is logged in as a role with just the asked rights, for its first transactions. */
export async function dryRun(
  client: Client,
  operation: SqlOperation,
  options: { readonly countRows: boolean; readonly readOnly: boolean },
): Promise<DryRun> {
  const { uses, plan } = await rolledBack(client, 'BEGIN READ ONLY', () => explain(client, operation));
  if (!options.countRows) return { uses, plan, counted: null, trouble: null, untried: null };
  return {
    uses,
    plan,
    untried: null,
    ...(await count(client, operation, options.readOnly ? 'BEGIN READ ONLY' : 'BEGIN')),
  };
}

async function rolledBack<T>(client: Client, begin: string, work: () => Promise<T>): Promise<T> {
  await client.query([begin, ...LIMITS].join(';'));
  const result = await work().catch(async (error: unknown) => {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  });
  await client.query('ROLLBACK');
  return result;
}

/** Planning runs functions marked immutable or stable: hence READ ONLY, and what it throws is for people alone. */
async function explain(client: Client, operation: SqlOperation): Promise<Pick<DryRun, 'uses' | 'plan'>> {
  const forUs = await runOne(client, `EXPLAIN (VERBOSE, FORMAT JSON) ${operation.sql}`, operation.parameters);
  const forPeople = await runOne(client, `EXPLAIN ${operation.sql}`, operation.parameters);
  const plan = forPeople.rows.map((row) => String(row[0])).join('\n');
  return {
    uses: usesOf(forUs.rows[0]?.[0]),
    plan: plan.length <= MAX_PLAN ? plan : `${plan.slice(0, MAX_PLAN)}\n… (${plan.length - MAX_PLAN} more characters)`,
  };
}

/**
 * Runs before anybody approved. What it finds goes to the approvers and never to
 * the agent: an error's text ("invalid input syntax: …") or the mere fact that it
 * failed would answer questions about rows the agent may not read. So a failing
 * trial is no refusal either.
 */
async function count(
  client: Client,
  operation: SqlOperation,
  begin: string,
): Promise<Pick<DryRun, 'counted' | 'trouble'>> {
  if (!(await countersAreOn(client)))
    return refuse('target_refused', 'The database does not count rows (track_counts is off).');
  try {
    const counted = await rolledBack(client, begin, async () => {
      const { rowCount } = await runOne(client, operation.sql, operation.parameters);
      const written = await writtenSoFar(client);
      return { written, rowCount, total: total(written, rowCount) };
    });
    return { counted, trouble: null };
  } catch (error) {
    return { counted: null, trouble: said(error) };
  }
}
