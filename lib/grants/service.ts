import { append } from '#lib/audit';
import { addSeconds, iso, newId, refuse } from '#lib/core';
import type { Tx } from '#lib/db';
import { type EndReason, LIVE, subjectOf } from './state';

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
 * Stores a grant that can be collected, and returns its id. `requestId` is
 * unique, so that of two that race for one request the second fails (T64).
 */
export async function createGrant(tx: Tx, now: Date, grant: NewGrant): Promise<string> {
  const { cooldownSeconds, collectWithinSeconds, resources, verbs, ...rest } = grant;
  const id = newId('grn');
  const readyAt = addSeconds(now, cooldownSeconds);
  const collectBy = addSeconds(readyAt, collectWithinSeconds);
  await tx.grant.create({
    data: { id, ...rest, resources: [...resources], verbs: [...verbs], state: 'ready', readyAt, collectBy },
  });
  const { kind, ttlSeconds } = grant;
  const data = { kind, ttlSeconds, readyAt: iso(readyAt), collectBy: iso(collectBy) };
  await append(tx, { kind: 'grant.ready', actor: 'warden', at: now, ...subjectOf({ id, ...grant }), data });
  return id;
}

/**
 * Collects a grant: `ready → active`, and its time starts. It commits before the
 * credential is minted, so that a crash between the two leaves a grant that the
 * warden cleans up, and no credential without a grant. Of several that collect
 * at once one succeeds; the others get `already_decided` (T64).
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
  const data = { reference, expiresAt: iso(expiresAt) };
  await append(tx, { kind: 'grant.collected', actor: row.agentId, at: now, ...subjectOf(row), data });
  return { expiresAt };
}

/**
 * Marks a grant as ending; the warden then ends it at the target and proves it.
 * Returns false where the grant is ending or has ended already.
 */
export async function askForEnd(
  tx: Tx,
  now: Date,
  grantId: string,
  end: { readonly reason: EndReason; readonly by: string },
): Promise<boolean> {
  const rows = await tx.grant.updateManyAndReturn({
    where: { id: grantId, ...LIVE },
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
  await append(tx, { kind: 'grant.ending', actor: end.by, at: now, ...subjectOf(row), data: { reason: end.reason } });
  return true;
}
