import { DomainError, refuse } from '#lib/core';
import type { Preview } from '#lib/statement';
import type { Ask, SqlOperation } from '#lib/targets';
import { dependentsOf, triggersOf } from '../catalog/dependents';
import { newPassword, previewRole } from '../catalog/quote';
import { oidsOf, type Resolved, resolve } from '../catalog/tables';
import { type Broker, type Client, connectAs } from '../connection/connection';
import { codeOf, said, targetError } from '../connection/errors';
import { sqlOnly } from '../execute/syntax';
import { end } from '../role/end';
import { makeRole } from '../role/mint';
import { scramVerifier } from '../role/scram';
import type { Strangers } from '../statement';
import { type DryRun, dryRun } from './dry-run';
import { previewOfCredential } from './effects';
import { type OperationFacts, previewOfOperation, writes } from './operation';
import { type Looking, type Reading, read } from './reading';

const LIFE_MS = 30_000;
const LASTS_MS = 20_000;
const MAX_BYTES = 8 * 1_048_576;

/**
 * What the request would do. An exact statement is read first. Planned, and where
 * the owner allows it tried, by a role with just the asked rights, is only what
 * calls nothing but listed functions: what planning or trying runs, it runs before
 * anybody approved (P1).
 */
export async function preview(looking: Looking, ask: Ask): Promise<Preview> {
  const { broker } = looking;
  if (ask.operation === null) return await broker.run((client) => ofCredential(client, broker, ask));
  const reading = await read(looking, sqlOnly(ask.operation), ask);
  const { operation, resolved, strangers, countRows } = reading;
  const trial =
    strangers.planning.length > 0
      ? byNames(reading)
      : await asPreviewRole(broker, resolved, { ask, operation, countRows });
  const facts = await broker.run((client) => factsOf(client, trial, countRows));
  return previewOfOperation({ ...trial, untried: untriedOf(strangers, broker.config.countRows) }, facts, operation);
}

/** Why it was not planned, or not tried; none where it was, or where the owner allows no trial. */
function untriedOf({ planning, running, mayWriteMore }: Strangers, countRows: boolean): DryRun['untried'] {
  if (planning.length > 0) return { what: 'planned', why: planning, mayWriteMore };
  return running.length > 0 && (countRows || mayWriteMore) ? { what: 'tried', why: running, mayWriteMore } : null;
}

/** Not planned: the tables as the statement names them, of those that it may use. */
function byNames({ relations }: Reading): DryRun {
  const uses = relations.flatMap(({ name, how, found }) =>
    found?.may ? [{ schema: found.schema, name, how, rows: null }] : [],
  );
  return { uses, plan: null, counted: null, trouble: null, untried: null };
}

interface Trying {
  readonly ask: Ask;
  readonly operation: SqlOperation;
  readonly countRows: boolean;
}

async function ofCredential(client: Client, broker: Broker, ask: Ask): Promise<Preview> {
  const resolved = await resolve(client, broker.config, ask);
  const oids = resolved.tables.map((table) => table.oid);
  const [dependents, triggers] = [await dependentsOf(client, oids), await triggersOf(client, oids)];
  return previewOfCredential({ tables: resolved.tables, dependents, triggers }, ask);
}

async function factsOf(client: Client, trial: DryRun, countRows: boolean): Promise<OperationFacts> {
  const oids = await oidsOf(client, writes(trial.uses));
  return { dependents: await dependentsOf(client, oids), triggers: await triggersOf(client, oids), countRows };
}

/**
 * A real login, not SET ROLE from the broker: a function inside the statement
 * could RESET ROLE and stand there with the broker's power. The role dies with
 * this call, and after 30 seconds in any case.
 */
async function asPreviewRole(
  broker: Broker,
  resolved: Resolved,
  { ask, operation, countRows }: Trying,
): Promise<DryRun> {
  const prepared = { reference: previewRole(), secret: newPassword() };
  const wish = {
    prepared,
    verbs: ask.verbs,
    lifeMs: LIFE_MS,
    expiresAt: null,
    connectionLimit: 1,
    // Every role of the server may read it, and agents with a credential are some of them.
    comment: 'countersign preview',
  };
  const verifier = await scramVerifier(prepared.secret);
  const login = { user: prepared.reference, password: prepared.secret, lastsMs: LASTS_MS, maxBytes: MAX_BYTES };
  const options = { countRows, readOnly: ask.verbs.every((verb) => verb === 'select') };
  try {
    if (!(await broker.change((client) => makeRole(client, broker.config, resolved, wish, verifier))))
      refuse('unavailable', 'Somebody holds a table locked that this is about.');
    return await connectAs(broker.config, login, (client) => dryRun(client, operation, options).catch(refuseFailed));
  } catch (error) {
    throw targetError(error, broker.config, [prepared.secret, broker.secret]);
  } finally {
    await end(broker, prepared.reference);
  }
}

/**
 * Whatever fails once the statement is there may be the statement's own doing, and
 * would be again: memory that ran out, a connection that was cut. Only a server that
 * says that it goes away is tried again.
 */
function refuseFailed(error: unknown): never {
  const code = codeOf(error);
  if (error instanceof DomainError || /^57P0[13]$/.test(code ?? '')) throw error;
  const what = code === undefined ? 'the connection was cut off' : `SQLSTATE ${code}`;
  throw new DomainError('target_refused', `The database did not plan this: ${said(error)} (${what}).`, {
    cause: error,
  });
}
