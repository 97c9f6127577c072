import { append } from '#lib/audit';
import type { Json } from '#lib/core';
import { type Grant, type Prisma, transactBriefly } from '#lib/db';
import { askForEnd, subjectOf } from '#lib/grants';
import type { OperationResult } from '#warden/targets';
import type { Warden } from '../context';
import { voidGrant } from './void';

/** What the record says of a result: no rows and no bodies (T35). */
export const outcomeOf = (result: OperationResult): { [key: string]: Json } =>
  'status' in result
    ? { status: result.status, sizeBytes: Buffer.byteLength(result.body) }
    : { rowCount: result.rowCount, written: result.written as unknown as Json };

/** Records the result and asks for the end of the grant, together: it ran. Once, however often the commit's acknowledgement was lost. Throws where somebody holds its row locked: whoever calls tries again. */
export async function recordResult(
  { db }: Pick<Warden, 'db'>,
  grant: Pick<Grant, 'id' | 'agentId' | 'targetId' | 'requestId'>,
  { stored, outcome }: { readonly stored: OperationResult; readonly outcome: { [key: string]: Json } },
): Promise<void> {
  await transactBriefly(db, async (tx, now) => {
    const { count } = await tx.grant.updateMany({
      where: { id: grant.id, uses: 0 },
      data: { result: stored as unknown as Prisma.InputJsonObject, uses: 1, version: { increment: 1 } },
    });
    if (count === 0) return;
    await append(tx, { kind: 'grant.executed', actor: 'warden', at: now, ...subjectOf(grant), data: outcome });
    await askForEnd(tx, now, grant.id, { reason: 'spent', by: 'warden' });
  });
}

/** Says why an operation has no result, where a person looks for it, and voids the grant. Best effort: the agent was told. */
export async function recordFailure(warden: Warden, grantId: string, words: string | null): Promise<void> {
  const { db, log } = warden;
  if (words !== null) {
    const data = { result: { notRun: words.slice(0, 2_000) }, version: { increment: 1 } };
    await transactBriefly(db, (tx) => tx.grant.updateMany({ where: { id: grantId }, data })).catch((cause: unknown) =>
      log.warn({ err: cause, grantId }, 'why it did not run could not be stored'),
    );
  }
  await voidGrant(warden, grantId, null);
}

/**
 * Has the end of a grant tried again at once. Whoever asked for it while the
 * operation ran was told STILL LIVE: that is over, and the pause too. Best effort.
 */
export async function retryEndNow({ db, log }: Pick<Warden, 'db' | 'log'>, grantId: string): Promise<void> {
  const where = { id: grantId, state: 'ending', retryAt: { not: null } };
  const data = { retryAt: null, version: { increment: 1 } };
  await transactBriefly(db, (tx) => tx.grant.updateMany({ where, data })).catch((cause: unknown) =>
    log.warn({ err: cause, grantId }, 'ending goes on at its next try'),
  );
}
