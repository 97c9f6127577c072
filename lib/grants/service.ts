import { append } from '#lib/audit';
import { addSeconds, iso, newId, refuse } from '#lib/core';
import type { Prisma, Tx } from '#lib/db';
import type { EndReason } from './state';

export interface NewGrant {
  readonly kind: 'elevated' | 'exact' | 'resting';
  readonly requestId: string | null;
  readonly agentId: string;
  readonly targetId: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly ttlSeconds: number;
  readonly maxUses: number | null;
  readonly cooldownSeconds: number;
  readonly collectWithinSeconds: number;
}

/**
 * A grant to be collected. The unique `requestId` makes a second one for the
 * same request impossible, whoever races (T64). Returns its id.
 */
export async function createGrant(tx: Tx, now: Date, grant: NewGrant): Promise<string> {
  const { cooldownSeconds, collectWithinSeconds, resources, verbs, ...rest } = grant;
  const id = newId('grn');
  const readyAt = addSeconds(now, cooldownSeconds);
  const collectBy = addSeconds(readyAt, collectWithinSeconds);
  await tx.grant.create({
    data: { id, ...rest, resources: [...resources], verbs: [...verbs], state: 'ready', readyAt, collectBy },
  });
  const { agentId, targetId, requestId, kind, ttlSeconds } = grant;
  const data = { kind, ttlSeconds, readyAt: iso(readyAt), collectBy: iso(collectBy) };
  await append(tx, {
    kind: 'grant.ready',
    actor: 'warden',
    at: now,
    ...subject({ id, agentId, targetId, requestId }),
    data,
  });
  return id;
}

/**
 * Takes the one credential of a grant: `ready → active`, and the clock starts.
 * Commits before anything is minted, so a crash leaves a grant to clean up and
 * never a credential nobody knows. Throws `already_decided` to all but one.
 */
export async function collect(
  tx: Tx,
  now: Date,
  grant: { readonly id: string; readonly ttlSeconds: number },
  reference: string,
): Promise<{ expiresAt: Date }> {
  const expiresAt = addSeconds(now, grant.ttlSeconds);
  const rows = await tx.grant.updateManyAndReturn({
    where: { id: grant.id, state: 'ready', readyAt: { lte: now }, collectBy: { gt: now } },
    data: { state: 'active', collectedAt: now, expiresAt, reference, version: { increment: 1 } },
  });
  const row =
    rows[0] ??
    refuse('already_decided', 'This grant was collected already, has ended, or its window to collect is closed.');
  await append(tx, {
    kind: 'grant.collected',
    actor: row.agentId,
    at: now,
    ...subject(row),
    data: { reference, expiresAt: iso(expiresAt) },
  });
  return { expiresAt };
}

/**
 * Asks for the end of a grant: anyone who may, at any time before it. The
 * warden does the rest and proves it. False where it was ending already.
 */
export async function askForEnd(
  tx: Tx,
  now: Date,
  grantId: string,
  end: { readonly reason: EndReason; readonly by: string },
): Promise<boolean> {
  const rows = await tx.grant.updateManyAndReturn({
    where: { id: grantId, state: { in: ['waiting', 'ready', 'active'] } },
    data: {
      state: 'ending',
      endReason: end.reason,
      endedBy: end.by,
      endingAt: now,
      retryAt: null,
      version: { increment: 1 },
    },
  });
  const row = rows[0];
  if (row === undefined) return false;
  await append(tx, { kind: 'grant.ending', actor: end.by, at: now, ...subject(row), data: { reason: end.reason } });
  return true;
}

/** `ending → ended`, with what the probe saw. Nothing ends without proof (P5). */
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
    ...subject(row),
    data: { reason: row.endReason, proof: [...proof] },
  });
}

/** The end is not proven: say STILL LIVE and why, and when to try again. Recorded once per new reason. */
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
  await append(tx, { kind: 'grant.still_live', actor: 'warden', at: now, ...subject(row), data: { trouble } });
}

const subject = (grant: { id: string; agentId: string; targetId: string; requestId: string | null }) => ({
  grantId: grant.id,
  agentId: grant.agentId,
  targetId: grant.targetId,
  requestId: grant.requestId ?? undefined,
});
