import { refuse } from '#lib/core';
import type { Ask } from '#lib/targets';
import { identifier } from '../catalog/quote';
import { resolve } from '../catalog/tables';
import type { Client } from '../connection/connection';
import { codeOf, said } from '../connection/errors';
import { oneStatement } from '../execute/run';
import { sqlOnly } from '../execute/syntax';
import { type Looking, namesOnlyOffered, type Reading, read, searchPath } from './reading';

/** Throws `invalid_request` for what cannot be asked here, by the statement and the catalogue alone. */
export async function check(looking: Looking, ask: Ask): Promise<void> {
  const { broker } = looking;
  if (ask.operation === null) return void (await broker.run((client) => resolve(client, broker.config, ask)));
  const reading = await read(looking, sqlOnly(ask.operation), ask);
  if (reading.strangers.planning.length > 0 || !namesOnlyOffered(reading.outline, broker.config.schemas)) return;
  const trouble = await broker.run((client) => analysed(client, reading));
  if (trouble !== null) refuse('invalid_request', `The statement is not valid here: ${trouble}.`);
}

const LIMITS = ["SET LOCAL statement_timeout = '1s'", "SET LOCAL lock_timeout = '200ms'"];

/**
 * What the server says of it when it finds out what the names and types mean.
 * PREPARE does that and no more: planning, which looks at statistics and may call
 * functions, comes with the first EXECUTE.
 */
async function analysed(client: Client, { operation, resolved }: Reading): Promise<string | null> {
  await client.query(['BEGIN READ ONLY', ...LIMITS].join(';'));
  try {
    const path = searchPath(resolved).map(identifier).join(', ');
    await client.query("SELECT set_config('search_path', $1, true)", [path]);
    await client.query(oneStatement(`PREPARE countersign_check AS ${operation.sql}`));
    const { rows } = await client.query<{ wanted: number }>(
      "SELECT cardinality(parameter_types) AS wanted FROM pg_prepared_statements WHERE name = 'countersign_check'",
    );
    await client.query('DEALLOCATE countersign_check');
    const [wanted, sent] = [rows[0]?.wanted ?? 0, operation.parameters.length];
    return wanted === sent ? null : `it has ${wanted} parameters, and ${sent} were sent`;
  } catch (error) {
    if (!saysWhatIsWrong(codeOf(error))) throw error;
    return said(error);
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Of a name, a type or a literal. What is about locks, time or the broker's own rights is not the statement's. */
const saysWhatIsWrong = (code: string | undefined): boolean =>
  code !== undefined && /^(0A|21|22|42)/.test(code) && code !== '42501';
