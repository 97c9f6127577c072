import { append } from '#lib/audit';
import { newId, refuse, sha256Base64url } from '#lib/core';
import type { Prisma, Tx } from '#lib/db';
import { createGrant } from '#lib/grants';
import type { ApproveStatement, Assertion } from '#lib/statement';
import { signedGrantTerms } from './terms';

/**
 * Stores a verified approval. Where it completes the quorum, approves the request
 * and makes its one grant, in the same transaction (P4). Racing approvers wait
 * for each other at the row's lock; the unique nonce stops a replay (T5), the
 * unique grant a second grant (T64). Throws `already_decided` where the request
 * is no longer pending.
 */
export async function recordApproval(
  tx: Tx,
  now: Date,
  signed: { readonly statement: ApproveStatement; readonly bytes: string; readonly assertion: Assertion },
): Promise<{ grantId: string | null }> {
  const { statement, bytes, assertion } = signed;
  const { id: requestId } = statement.request;
  await lockPending(tx, requestId, now);
  const id = newId('apr');
  const { nonce, approver, key } = statement;
  await tx.approval.create({
    data: {
      id,
      requestId,
      humanId: approver.id,
      keyId: key.id,
      nonce,
      statement: bytes,
      createdAt: now,
      assertion: assertion as unknown as Prisma.InputJsonObject,
    },
  });
  await append(tx, {
    kind: 'request.approved',
    actor: approver.id,
    at: now,
    humanId: approver.id,
    ...subject(statement),
    data: { approvalId: id, keyId: key.id, keyClass: key.class, statementDigest: sha256Base64url(bytes) },
  });
  const people = await tx.approval.count({ where: { requestId } });
  return { grantId: people < statement.policy.quorum ? null : await approve(tx, now, statement) };
}

async function lockPending(tx: Tx, requestId: string, now: Date): Promise<void> {
  const rows = await tx.$queryRaw<Array<{ state: string; decide_by: Date }>>`
    SELECT state, decide_by FROM requests WHERE id = ${requestId} FOR UPDATE`;
  const row = rows[0];
  if (row === undefined || row.state !== 'pending')
    refuse('already_decided', 'This request was decided, cancelled or lapsed meanwhile.');
  if (row.decide_by <= now) refuse('already_decided', 'The time to decide this request is over.');
}

async function approve(tx: Tx, now: Date, statement: ApproveStatement): Promise<string> {
  const { request, limits, approver } = statement;
  await tx.request.updateMany({
    where: { id: request.id, state: 'pending' },
    data: { state: 'approved', decidedAt: now, decidedBy: approver.id, version: { increment: 1 } },
  });
  return createGrant(tx, now, {
    ...signedGrantTerms(statement),
    cooldownSeconds: limits.cooldownSeconds,
    collectWithinSeconds: limits.collectWithinSeconds,
  });
}

const subject = (statement: ApproveStatement) => ({
  requestId: statement.request.id,
  agentId: statement.request.agent.id,
  targetId: statement.request.target.id,
});
