import { append } from '#lib/audit';
import type { Authority } from '#lib/authority';
import { mayOwnAgents } from '#lib/authority';
import { type Approval, transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { openStatement } from '#lib/statement';
import type { Warden } from '../context';
import type { EndingsInFlight } from './in-flight';

const LIVE = { state: { in: ['waiting', 'ready', 'active'] } };
const BATCH = 100;

/**
 * Ends what is alive and rests on who is gone, by the chain: every grant that
 * without them not enough people approved, and with a person their agents, what
 * these hold and wait for (T85). Looked for again and again: no row that somebody
 * holds locked keeps a person in, or anything alive for longer than the lock.
 */
export async function endLeftBehind(warden: Warden, inFlight: EndingsInFlight, authority: Authority): Promise<void> {
  await endApproved(warden, inFlight, authority);
  await stopAgents(warden, authority);
}

async function endApproved({ db }: Warden, inFlight: EndingsInFlight, authority: Authority): Promise<void> {
  const keyIds = [...authority.keys.values()].filter((key) => counts(authority, key)).map(({ id }) => id);
  const doubtful = await db.grant.findMany({
    where: {
      ...LIVE,
      id: { notIn: [...inFlight.expiring()] },
      request: { approvals: { some: { keyId: { notIn: keyIds } } } },
    },
    include: { request: { select: { approvals: true } } },
    take: BATCH,
  });
  for (const { request, ...grant } of doubtful)
    if (!isEnough(authority, request?.approvals ?? [])) inFlight.askAndEnd(grant, { reason: 'revoked', by: 'warden' });
}

/** A key of somebody who may still approve. */
function counts(
  { humans }: Authority,
  { humanId, active }: { readonly humanId: string; readonly active: boolean },
): boolean {
  const human = humans.get(humanId);
  return active && human?.active === true && human.role !== 'reviewer';
}

/** As many people as the signed policy wants, of those who still count. What is no statement of ours counts for nobody. */
export function isEnough(
  authority: Authority,
  approvals: ReadonlyArray<Pick<Approval, 'humanId' | 'keyId' | 'statement'>>,
): boolean {
  const left = approvals.filter(({ humanId, keyId }) => {
    const key = authority.keys.get(keyId);
    return key?.humanId === humanId && counts(authority, key);
  });
  const wanted = Math.max(1, ...approvals.map(({ statement }) => quorumOf(statement)));
  return new Set(left.map(({ humanId }) => humanId)).size >= wanted;
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

async function stopAgents({ db, log }: Warden, authority: Authority): Promise<void> {
  const owners = [...authority.humans.values()].filter(mayOwnAgents).map(({ id }) => id);
  const agents = await db.agent.findMany({
    where: { state: 'active', ownerId: { notIn: owners } },
    select: { id: true, name: true },
    take: BATCH,
  });
  for (const agent of agents)
    await stopAgent(db, agent).catch((error: unknown) =>
      log.warn({ err: error, agentId: agent.id }, 'an agent whose owner is gone could not be stopped'),
    );
}

async function stopAgent(
  db: Warden['db'],
  { id: agentId, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  await transact(db, async (tx, now) => {
    await tx.$executeRaw`SET LOCAL lock_timeout = '1s'`;
    const { count } = await tx.agent.updateMany({
      where: { id: agentId, state: 'active' },
      data: { state: 'disabled' },
    });
    if (count === 0) return;
    await append(tx, { kind: 'agent.disabled', actor: 'warden', at: now, agentId, data: { name, reason: OWNER_GONE } });
    const decided = { state: 'denied', stateReason: OWNER_GONE, decidedAt: now, decidedBy: 'warden' };
    const denied = await tx.request.updateManyAndReturn({
      where: { agentId, state: { in: ['preparing', 'pending'] } },
      data: { ...decided, version: { increment: 1 } },
      select: { id: true, targetId: true },
    });
    for (const { id: requestId, targetId } of denied)
      await append(tx, {
        kind: 'request.denied',
        actor: 'warden',
        at: now,
        agentId,
        targetId,
        requestId,
        data: { reason: OWNER_GONE },
      });
    const live = await tx.grant.findMany({ where: { agentId, ...LIVE }, select: { id: true } });
    for (const { id } of live) await askForEnd(tx, now, id, { reason: 'revoked', by: 'warden' });
  });
}
