import { z } from 'zod';
import { append } from '#lib/audit';
import { refuse } from '#lib/core';
import { type Tx, transact } from '#lib/db';
import { statesBefore } from '#lib/requests';
import type { Viewer } from '#lib/views';
import { mayDeny } from './may';
import { web } from './web';

/** Why, in the denier's words; the agent reads it. */
export const Denial = z.strictObject({ reason: z.string().trim().max(1_000).default('') });
export type Denial = z.infer<typeof Denial>;

/**
 * Says no, once and for all: of denial, approval, cancellation and lapse the
 * first to commit stands (T64). Needs no key (P9).
 */
export async function denyRequest(viewer: Viewer, requestId: string, { reason }: Denial): Promise<{ state: 'denied' }> {
  await transact(web().db, async (tx, now) => {
    const request = await tx.request.findUnique({
      where: { id: requestId },
      select: { agentId: true, targetId: true },
    });
    if (request === null) return refuse('not_found', 'There is no such request.');
    if (!mayDeny(viewer)) refuse('forbidden', 'Owners and approvers decide. You read.');
    const { count } = await tx.request.updateMany({
      where: { id: requestId, state: { in: statesBefore('person', 'denied') } },
      data: {
        state: 'denied',
        stateReason: reason === '' ? null : reason,
        decidedAt: now,
        decidedBy: viewer.id,
        version: { increment: 1 },
      },
    });
    if (count !== 1) refuse('already_decided', 'This request was decided, cancelled or lapsed meanwhile.');
    await append(tx, {
      kind: 'request.denied',
      actor: viewer.id,
      at: now,
      humanId: viewer.id,
      requestId,
      ...request,
      data: { reason },
    });
  });
  return { state: 'denied' };
}

/** Denies everything an agent still waits for, since the agent itself is going. */
export async function denyAllOf(
  tx: Tx,
  now: Date,
  agentId: string,
  by: { readonly humanId: string; readonly reason: string },
): Promise<void> {
  const { humanId, reason } = by;
  const denied = await tx.request.updateManyAndReturn({
    where: { agentId, state: { in: statesBefore('person', 'denied') } },
    data: { state: 'denied', stateReason: reason, decidedAt: now, decidedBy: humanId, version: { increment: 1 } },
    select: { id: true, targetId: true },
  });
  for (const { id: requestId, targetId } of denied) {
    await append(tx, {
      kind: 'request.denied',
      actor: humanId,
      at: now,
      humanId,
      agentId,
      targetId,
      requestId,
      data: { reason },
    });
  }
}
