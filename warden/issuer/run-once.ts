import { setTimeout as sleep } from 'node:timers/promises';
import { append } from '#lib/audit';
import { DomainError, type Json } from '#lib/core';
import { type Grant, type Prisma, transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import type { Operation } from '#lib/targets';
import type { OperationResult, Prepared, Target } from '#warden/targets';
import type { Warden } from '../context';
import type { Approved } from './authorize';
import { underWay } from './in-flight';
import { mustStillHold } from './recheck';
import { kept } from './stored-result';
import { voidGrant } from './void';

export interface Run {
  readonly target: Target;
  readonly prepared: Prepared;
  readonly grant: Grant;
  readonly operation: Operation;
  readonly approved: Approved;
  /** The agent behind a held call hung up, or the gateway stops; null where nobody is on the line. */
  readonly gone: AbortSignal | null;
}

/**
 * Runs the approved operation, once, with the credential nobody else gets. A
 * run that was cut off by a crash is never tried again: the grant is active by
 * then, and the next start voids it.
 */
export async function runOnce(warden: Warden, run: Run): Promise<OperationResult> {
  try {
    return await underWay(warden.vault, run.grant.id, () => runAndKeep(warden, run));
  } finally {
    await endNow(warden, run.grant);
  }
}

async function runAndKeep(warden: Warden, run: Run): Promise<OperationResult> {
  const { target, prepared, grant, operation, approved, gone } = run;
  const { request, preview } = approved.statement;
  try {
    const limits = {
      verbs: request.verbs,
      maxRows: preview.maxRows ?? 0,
      touched: preview.touched,
      ask: { ...request, ...approved.statement.limits },
      preview,
      beforeSend: () => mustStillHold(warden, grant, gone),
    };
    const result = await target.execute(prepared, operation, limits);
    await keepTrying(() => keep(warden, run, result));
    return result;
  } catch (error) {
    warden.log.warn({ err: error, grantId: grant.id }, 'an exact operation did not run to its end');
    await sayWhy(warden, grant, error);
    await voidGrant(warden, grant.id, null);
    throw error instanceof DomainError
      ? error
      : new DomainError('unavailable', 'The operation did not finish. See the grant for what is known.', {
          cause: error,
        });
  }
}

/** Why it did not run, where a person looks for it. Best effort: the agent was told. */
async function sayWhy({ db, log }: Warden, grant: Grant, error: unknown): Promise<void> {
  if (!(error instanceof DomainError)) return;
  const result = { notRun: error.message.slice(0, 2_000) };
  await db.grant
    .updateMany({ where: { id: grant.id }, data: { result, version: { increment: 1 } } })
    .catch((cause: unknown) => log.warn({ err: cause, grantId: grant.id }, 'why it did not run could not be stored'));
}

/** Who asked for the end while it ran was told STILL LIVE: that is over, and the pause before the next try too. Best effort. */
async function endNow({ db, log }: Warden, { id }: Grant): Promise<void> {
  await db.grant
    .updateMany({
      where: { id, state: 'ending', retryAt: { not: null } },
      data: { retryAt: null, version: { increment: 1 } },
    })
    .catch((cause: unknown) => log.warn({ err: cause, grantId: id }, 'ending goes on at its next try'));
}

/** It ran, so the record must follow: a database that is away for some seconds is waited for. */
async function keepTrying(work: () => Promise<void>, attempts = 10): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (attempts <= 1)
      throw new DomainError(
        'unavailable',
        'The operation ran, but its result could not be recorded. Do not repeat it: look at the target.',
        { cause: error },
      );
    await sleep(1_000);
    await keepTrying(work, attempts - 1);
  }
}

/** What the record says of it: no rows and no bodies (T35). */
const outcomeOf = (result: OperationResult): { [key: string]: Json } =>
  'status' in result
    ? { status: result.status, sizeBytes: Buffer.byteLength(result.body) }
    : { rowCount: result.rowCount, written: result.written as unknown as Json };

/** The result and the end of the grant, together: it ran. Once, however often the acknowledgement of the commit was lost. */
async function keep({ db }: Warden, { grant, approved }: Run, result: OperationResult): Promise<void> {
  const stored = kept(approved.target.config, approved.statement.request, result);
  await transact(db, async (tx, now) => {
    const { count } = await tx.grant.updateMany({
      where: { id: grant.id, uses: 0 },
      data: { result: stored as unknown as Prisma.InputJsonObject, uses: 1, version: { increment: 1 } },
    });
    if (count === 0) return;
    await append(tx, {
      kind: 'grant.executed',
      actor: 'warden',
      at: now,
      grantId: grant.id,
      agentId: grant.agentId,
      targetId: grant.targetId,
      requestId: grant.requestId ?? undefined,
      data: outcomeOf(result),
    });
    await askForEnd(tx, now, grant.id, { reason: 'spent', by: 'warden' });
  });
}
