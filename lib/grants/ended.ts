import { append } from '#lib/audit';
import { addSeconds } from '#lib/core';
import type { Prisma, Tx } from '#lib/db';
import { subjectOf } from './state';

/** `ending → ended`, with its proof in lines that people read. A grant without proof stays `ending` (P5). */
export async function markEnded(tx: Tx, now: Date, grantId: string, proof: readonly string[]): Promise<void> {
  const rows = await tx.grant.updateManyAndReturn({
    where: { id: grantId, state: 'ending' },
    data: { state: 'ended', endedAt: now, proof: [...proof], trouble: null, retryAt: null, version: { increment: 1 } },
  });
  const row = rows[0];
  if (row === undefined) return;
  await tx.sealed.deleteMany({ where: { ownerId: grantId } });
  await append(tx, {
    kind: 'grant.ended',
    actor: 'warden',
    at: now,
    ...subjectOf(row),
    data: { reason: row.endReason, proof: [...proof] },
  });
}

/** Stores why an end is not proven (the console shows STILL LIVE) and when to try again. Each new reason is one event. */
export async function markTrouble(
  tx: Tx,
  now: Date,
  grantId: string,
  trouble: string,
  retrySeconds: number,
): Promise<void> {
  const before = await tx.grant.findUnique({ where: { id: grantId }, select: { trouble: true, attempts: true } });
  const data: Prisma.GrantUpdateManyMutationInput = {
    trouble,
    attempts: { increment: 1 },
    retryAt: addSeconds(now, retrySeconds),
    version: { increment: 1 },
  };
  const rows = await tx.grant.updateManyAndReturn({ where: { id: grantId, state: 'ending' }, data });
  const row = rows[0];
  if (row === undefined || before?.trouble === trouble) return;
  await append(tx, { kind: 'grant.still_live', actor: 'warden', at: now, ...subjectOf(row), data: { trouble } });
}
