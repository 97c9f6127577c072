import { DomainError } from '#lib/core';
import type { Grant } from '#lib/db';
import { recordWhatRan } from '#lib/process';
import type { Operation } from '#lib/targets';
import type { OperationResult, Prepared, Target } from '#warden/targets';
import { noteStop } from '#warden/vault';
import type { Warden } from '../context';
import type { Approved } from './authorize';
import { trackRun } from './in-flight';
import { recheckGrant } from './recheck';
import { outcomeOf, recordFailure, recordResult, retryEndNow } from './record';
import { storedResult } from './stored';

export interface Run {
  readonly target: Target;
  readonly prepared: Prepared;
  readonly grant: Grant;
  readonly operation: Operation;
  readonly approved: Approved;
}

/**
 * Runs the approved operation, once, with the credential nobody else gets. A
 * run that was cut off by a crash is never tried again: the grant is active by
 * then, and the next start voids it.
 */
export async function runOnce(warden: Warden, run: Run): Promise<OperationResult> {
  try {
    return await trackRun(warden.vault, run.grant.id, () => runAndKeep(warden, run));
  } finally {
    await retryEndNow(warden, run.grant.id);
  }
}

async function runAndKeep(warden: Warden, run: Run): Promise<OperationResult> {
  const { target, prepared, grant, operation, approved } = run;
  const { request, preview } = approved.statement;
  // Somebody may hold its row locked: what it was run with ends all the same.
  const stop = (error: unknown): never => {
    noteStop(warden, grant.id, { reason: 'spent', by: 'warden' });
    throw error;
  };
  try {
    const limits = {
      verbs: request.verbs,
      maxRows: preview.maxRows ?? 0,
      touched: preview.touched,
      ask: { ...request, ...approved.statement.limits },
      preview,
      beforeSend: () => recheckGrant(warden, grant, approved.statement),
    };
    const result = await target.execute(prepared, operation, limits);
    const stored = storedResult(approved.target.config, request, result);
    await recordWhatRan(() => recordResult(warden, grant, { stored, outcome: outcomeOf(result) }).catch(stop));
    return result;
  } catch (error) {
    warden.log.warn({ err: error, grantId: grant.id }, 'an exact operation did not run to its end');
    await recordFailure(warden, grant.id, error instanceof DomainError ? error.message : null);
    throw error instanceof DomainError
      ? error
      : new DomainError('unavailable', 'The operation did not finish. See the grant for what is known.', {
          cause: error,
        });
  }
}
