import { z } from 'zod';
import { append } from '#lib/audit';
import { iso, newId, refuse } from '#lib/core';
import { transact } from '#lib/db';
import { askForEnd, LIVE } from '#lib/grants';
import type { FreezeView, Viewer } from '#lib/views';
import { web } from '../web';

export const FreezeReason = z.strictObject({ reason: z.string().trim().min(1, 'Say why.').max(500) });

/**
 * Freezes everything, without a key (P9): nothing is minted, nothing passes the
 * gateway, and every live grant ends. An owner's key thaws it. Where a freeze is
 * in force already, it returns that one.
 */
export async function freezeAll(viewer: Viewer, { reason }: z.infer<typeof FreezeReason>): Promise<{ id: string }> {
  if (viewer.role === 'reviewer') refuse('forbidden', 'Owners and approvers freeze.');
  return transact(web().db, async (tx, now) => {
    // The lock makes of two presses at once one freeze.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('countersign freeze', 0))`;
    const open = await tx.freeze.findFirst({ where: { thawedAt: null }, select: { id: true } });
    if (open !== null) return open;
    const id = newId('frz');
    await tx.freeze.create({ data: { id, humanId: viewer.id, reason, begunAt: now } });
    await append(tx, {
      kind: 'freeze.begun',
      actor: viewer.id,
      at: now,
      humanId: viewer.id,
      data: { freezeId: id, reason },
    });
    const live = await tx.grant.findMany({
      where: LIVE,
      select: { id: true },
    });
    for (const grant of live) await askForEnd(tx, now, grant.id, { reason: 'revoked', by: viewer.id });
    return { id };
  });
}

/** The freeze in force for the banner, or null. It is a row: the warden checks by itself which freezes a key has thawed. */
export async function readFreeze(): Promise<FreezeView | null> {
  const { db } = web();
  const freeze = await db.freeze.findFirst({ where: { thawedAt: null } });
  if (freeze === null) return null;
  const human = await db.human.findUnique({ where: { id: freeze.humanId }, select: { id: true, name: true } });
  const { id, reason, begunAt } = freeze;
  return { id, reason, begunAt: iso(begunAt), by: human ?? { id: freeze.humanId, name: nameOf(freeze.humanId) } };
}

/** Of whom there is no row: the warden itself, where the database was put back in time. */
const nameOf = (id: string): string => (id === 'warden' ? 'Countersign' : id);
