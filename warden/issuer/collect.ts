import { refuse } from '#lib/core';
import { type Grant, transact } from '#lib/db';
import { canCollect, collect } from '#lib/grants';
import type { AgentFacts } from '#lib/identity';
import type { Delivery, OperationResult, Prepared } from '#warden/targets';
import { openTarget } from '#warden/targets';
import type { Warden } from '../context';
import { type Approved, authorize, COLLECTED, spend } from './authorize';
import { mint } from './issue';
import { mintingAllowed, mustAnswer } from './preconditions';
import { runOnce } from './run-once';

/** What the agent gets: a credential, once, or the result of its one operation. */
export type Collected =
  | { readonly grantId: string; readonly credential: Delivery }
  | { readonly grantId: string; readonly result: OperationResult };

/**
 * Collects what a person approved, for an agent that has proven itself. Each
 * step may refuse; nothing exists before the last one. `gone` is aborted when
 * nobody waits for the answer any more; null where that cannot be known.
 */
export async function collectGrant(
  warden: Warden,
  agent: AgentFacts,
  grantId: string,
  gone: AbortSignal | null = null,
): Promise<Collected> {
  const grant = await ownGrant(warden, agent, grantId);
  const { authority, now } = await mintingAllowed(warden);
  refuseUncollectable(grant, now);
  const approved = await authorize(warden, { authority, agent, grant, now });
  const target = await openTarget(warden, approved.target);
  await mustAnswer(target);
  const prepared = target.prepare(grant.id);
  const taken = await take(warden, grant, approved, prepared);
  const { operation } = approved.statement.request;
  const exact = operation !== null;
  const credential = await mint(warden, { target, prepared, grant, agent, exact, ...taken, ...approved.terms });
  if (operation === null) return { grantId, credential };
  return { grantId, result: await runOnce(warden, { target, prepared, grant, operation, approved, gone }) };
}

/** Another agent's grant and no grant at all are the same answer (T46). */
export async function ownGrant({ db }: Warden, agent: AgentFacts, grantId: string): Promise<Grant> {
  const grant = await db.grant.findFirst({ where: { id: grantId, agentId: agent.id } });
  return grant ?? refuse('not_found', 'There is no such grant.');
}

function refuseUncollectable(grant: Grant, now: Date): void {
  if (canCollect(grant, now)) return;
  if (grant.state === 'ready' && now < grant.readyAt)
    refuse('conflict', 'The cooldown of this grant is not over yet: see readyAt.');
  if (grant.state === 'active') refuse('already_decided', COLLECTED);
  refuse('gone', 'This grant is over, or its window to collect has closed. File a new request.');
}

/** Uses up the one collection: state, expiry, the sealed credential and the record commit together; then the journal. */
async function take(
  warden: Warden,
  grant: Grant,
  approved: Approved,
  prepared: Prepared,
): Promise<{ mintedAt: Date; expiresAt: Date }> {
  const { ttlSeconds } = approved.statement.limits;
  const taken = await transact(warden.db, async (tx, now) => {
    const { expiresAt } = await collect(tx, now, { id: grant.id, ttlSeconds }, prepared.reference);
    await tx.sealed.create({ data: { ownerId: grant.id, sealed: warden.vault.seal(grant.id, prepared.secret) } });
    return { mintedAt: now, expiresAt };
  });
  await spend(warden, grant, approved);
  return taken;
}
