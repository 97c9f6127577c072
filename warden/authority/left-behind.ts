import { append } from '#lib/audit';
import type { Approval, Tx } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { openStatement } from '#lib/statement';

/** Who or what no longer counts: a person, or one key of theirs. */
interface Gone {
  readonly humanId: string;
  readonly keyId?: string;
  /** Who signed for that. */
  readonly by: string;
}

/**
 * Ends what is alive and rests on who is gone: every grant that without them not
 * enough people approved; and with a person their agents, and what those hold or
 * wait for (T85). In the transaction of the entry itself: it counts with it.
 */
export async function endLeftBehind(tx: Tx, now: Date, gone: Gone): Promise<void> {
  await endApprovedBy(tx, now, gone);
  if (gone.keyId === undefined) await stopAgentsOf(tx, now, gone);
}

const LIVE = { state: { in: ['waiting', 'ready', 'active'] } };

async function endApprovedBy(tx: Tx, now: Date, gone: Gone): Promise<void> {
  const { humanId, keyId, by } = gone;
  const approvals = { some: keyId === undefined ? { humanId } : { keyId } };
  const resting = await tx.grant.findMany({
    where: { ...LIVE, request: { approvals } },
    select: { id: true, request: { select: { approvals: true } } },
  });
  for (const { id, request } of resting)
    if (!isEnough(request?.approvals ?? [], gone)) await askForEnd(tx, now, id, { reason: 'revoked', by });
}

/** As many people as the signed policy wants, without who is gone. What is no statement of ours counts for nobody. */
function isEnough(approvals: readonly Approval[], { humanId, keyId }: Gone): boolean {
  const left = approvals.filter((one) => (keyId === undefined ? one.humanId !== humanId : one.keyId !== keyId));
  const wanted = Math.max(...approvals.map(({ statement }) => quorumOf(statement)));
  return new Set(left.map((one) => one.humanId)).size >= wanted;
}

function quorumOf(text: string): number {
  try {
    const statement = openStatement(text);
    return statement.kind === 'request.approve' ? statement.policy.quorum : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const OWNER_GONE = 'The agent’s owner is not here any more.';

async function stopAgentsOf(tx: Tx, now: Date, { humanId, by }: Gone): Promise<void> {
  const agents = await tx.agent.updateManyAndReturn({
    where: { ownerId: humanId, state: 'active' },
    data: { state: 'disabled' },
    select: { id: true, name: true },
  });
  for (const { id: agentId, name } of agents) {
    await append(tx, { kind: 'agent.disabled', actor: by, at: now, agentId, data: { name, reason: OWNER_GONE } });
    await denyAllOf(tx, now, agentId, by);
    const live = await tx.grant.findMany({ where: { agentId, ...LIVE }, select: { id: true } });
    for (const { id } of live) await askForEnd(tx, now, id, { reason: 'revoked', by });
  }
}

async function denyAllOf(tx: Tx, now: Date, agentId: string, by: string): Promise<void> {
  const denied = await tx.request.updateManyAndReturn({
    where: { agentId, state: { in: ['preparing', 'pending'] } },
    data: { state: 'denied', stateReason: OWNER_GONE, decidedAt: now, decidedBy: by, version: { increment: 1 } },
    select: { id: true, targetId: true },
  });
  for (const { id: requestId, targetId } of denied)
    await append(tx, {
      kind: 'request.denied',
      actor: by,
      at: now,
      humanId: by,
      agentId,
      targetId,
      requestId,
      data: { reason: OWNER_GONE },
    });
}
