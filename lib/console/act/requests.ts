import { z } from 'zod';
import { append } from '#lib/audit';
import { refuse } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import { FileRequest, fileRequest } from '#lib/filing';
import { isOpen, statesBefore } from '#lib/requests';
import type { Viewer } from '#lib/views';
import { mayDeny } from '../permissions';
import { web } from '../web';

/** The body of a denial. The agent reads the reason. */
export const Denial = z.strictObject({ reason: z.string().trim().max(1_000).default('') });
export type Denial = z.infer<typeof Denial>;

/**
 * Denies a request, without a key (P9). Of denial, approval, cancellation and
 * lapse the first to commit stands (T64).
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

/**
 * Files a decided request anew for the same agent: after a drift or a lapse, or
 * where somebody thinks better of a denial. It gets a preview of its own and
 * takes a key as before. Throws `conflict` while the same ask is open.
 */
export async function askAgain(viewer: Viewer, requestId: string): Promise<{ id: string }> {
  const { db } = web();
  if (!mayDeny(viewer)) refuse('forbidden', 'Owners and approvers ask again.');
  const found = await db.request.findUnique({ where: { id: requestId }, include: { target: true, agent: true } });
  if (found === null) return refuse('not_found', 'There is no such request.');
  if (isOpen(found.state)) refuse('conflict', 'This request still waits for a decision.');
  if (found.agent.state !== 'active') refuse('conflict', 'The agent that asked is disabled.');
  const { resources, verbs, ttlSeconds, reason, maxUses, ticketUrl, operation } = found;
  const body = FileRequest.parse({
    target: found.target.name,
    ...{ resources, verbs, ttlSeconds, reason },
    ...(maxUses === null ? {} : { maxUses }),
    ...(ticketUrl === null ? {} : { ticketUrl }),
    ...(operation === null ? {} : { operation }),
  });
  const now = await databaseNow(db);
  const { request } = await fileRequest(db, { agent: found.agent, body, idempotencyKey: null, now, actor: viewer.id });
  return { id: request.id };
}
