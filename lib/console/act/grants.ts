import { refuse } from '#lib/core';
import { type Tx, transact } from '#lib/db';
import { askForEnd, LIVE } from '#lib/grants';
import type { Viewer } from '#lib/views';
import { web } from '../web';

/**
 * Revokes a grant, without a key (P9): owners and approvers may, and the owner
 * of the agent. It marks the grant as ending; the warden ends it and proves it.
 * Revoking what is ending already changes nothing.
 */
export async function revokeGrant(viewer: Viewer, grantId: string): Promise<{ state: 'ending' }> {
  await transact(web().db, async (tx, now) => {
    const grant = await tx.grant.findUnique({
      where: { id: grantId },
      select: { state: true, agent: { select: { ownerId: true } } },
    });
    if (grant === null) return refuse('not_found', 'There is no such grant.');
    if (viewer.role === 'reviewer' && grant.agent.ownerId !== viewer.id)
      refuse('forbidden', 'Owners, approvers and the agent’s own person end a grant.');
    if (grant.state === 'ended') refuse('already_decided', 'This grant has ended already.');
    await askForEnd(tx, now, grantId, { reason: 'revoked', by: viewer.id });
  });
  return { state: 'ending' };
}

/** Revokes every grant of an agent that is disabled or deleted. */
export async function endAllOf(tx: Tx, now: Date, agentId: string, humanId: string): Promise<void> {
  const open = await tx.grant.findMany({
    where: { agentId, ...LIVE },
    select: { id: true },
  });
  for (const { id } of open) await askForEnd(tx, now, id, { reason: 'revoked', by: humanId });
}
