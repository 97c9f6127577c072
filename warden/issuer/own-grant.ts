import { refuse } from '#lib/core';
import type { Grant } from '#lib/db';
import { canCollect } from '#lib/grants';
import type { AgentFacts } from '#lib/identity';
import type { Warden } from '../context';
import { type Approved, authorize, COLLECTED } from './authorize';
import { mintingAllowed } from './preconditions';

/** The agent's grant. Another agent's and none at all are the same answer (T46). */
export async function findGrant(
  { db }: Pick<Warden, 'db'>,
  agent: Pick<AgentFacts, 'id'>,
  grantId: string,
): Promise<Grant> {
  const grant = await db.grant.findFirst({ where: { id: grantId, agentId: agent.id } });
  return grant ?? refuse('not_found', 'There is no such grant.');
}

/** The grant and what was signed for it, where this agent may have it run now. */
export async function approvedFor(
  warden: Warden,
  agent: AgentFacts,
  grantId: string,
): Promise<{ readonly grant: Grant; readonly approved: Approved }> {
  const grant = await findGrant(warden, agent, grantId);
  const { authority, now } = await mintingAllowed(warden);
  refuseUncollectable(grant, now);
  return { grant, approved: await authorize(warden, { authority, agent, grant, now }) };
}

/** Throws in words for the agent where the grant cannot be collected now. */
function refuseUncollectable(grant: Grant, now: Date): void {
  if (canCollect(grant, now)) return;
  if (grant.state === 'ready' && now < grant.readyAt)
    refuse('conflict', 'The cooldown of this grant is not over yet: see readyAt.');
  if (grant.state === 'active') refuse('already_decided', COLLECTED);
  refuse('gone', 'This grant is over, or its window to collect has closed. File a new request.');
}
