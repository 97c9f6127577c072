import { refuse } from '#lib/core';
import { type Grant, transactBriefly } from '#lib/db';
import { collect } from '#lib/grants';
import type { AgentFacts } from '#lib/identity';
import { isUpstream } from '#lib/targets';
import { type Delivery, type OperationResult, openTarget, type Prepared, type UpstreamResult } from '#warden/targets';
import type { Warden } from '../context';
import { type Approved, spend } from './authorize';
import { mint } from './issue';
import { anyCopy, order } from './orders/order';
import { approvedFor } from './own-grant';
import { refuseUnready } from './preconditions';
import { recheckAgent } from './recheck';
import { runOnce } from './run-once';
import { orVoid } from './void';

/** What the agent gets: a credential, once, or the result of its one operation. */
export type Collected =
  | { readonly grantId: string; readonly credential: Delivery }
  | { readonly grantId: string; readonly result: OperationResult };

/** What came of orders, as their copies of the gateway tell it. */
export interface Results {
  /** Throws what the agent is told where there is no result, or none in time. */
  of(orderId: string): Promise<UpstreamResult>;
}

interface Collecting {
  readonly agent: AgentFacts;
  readonly grant: Grant;
  readonly approved: Approved;
}

/**
 * Collects what a person approved, for an agent that has proven itself. Each
 * step may refuse; nothing exists before the last one.
 */
export async function collectGrant(
  warden: Warden,
  results: Results,
  agent: AgentFacts,
  grantId: string,
): Promise<Collected> {
  const collecting = { agent, ...(await approvedFor(warden, agent, grantId)) };
  const { target, statement } = collecting.approved;
  if (statement.request.operation === null) return { grantId, credential: await credentialOf(warden, collecting) };
  const run = isUpstream(target.config) ? runAtGateway(warden, results, collecting) : runHere(warden, collecting);
  return { grantId, result: await run };
}

async function credentialOf(warden: Warden, { agent, grant, approved }: Collecting): Promise<Delivery> {
  const { target, prepared, ...taken } = await reserve(warden, { agent, grant, approved });
  return mint(warden, { target, prepared, grant, agent, ...taken, ...approved.terms });
}

/** A statement at a database: the warden runs it itself, with a credential that nobody else gets. */
async function runHere(warden: Warden, { agent, grant, approved }: Collecting): Promise<OperationResult> {
  const { operation } = approved.statement.request;
  if (operation === null) return refuse('internal', 'There is no operation to run.');
  const { target, prepared, ...taken } = await reserve(warden, { agent, grant, approved });
  await mint(warden, { target, prepared, grant, agent, exact: true, ...taken, ...approved.terms });
  return runOnce(warden, { target, prepared, grant, operation, approved });
}

/** A call at a provider: one copy of the gateway is ordered to run it, and tells what came of it. */
async function runAtGateway(
  warden: Warden,
  results: Results,
  { grant, approved }: Collecting,
): Promise<OperationResult> {
  const instanceId = await anyCopy(warden, approved.at);
  const orderId = await order(warden, { grant, approved, instanceId, wantedId: null });
  return results.of(orderId);
}

/** Uses up the one collection: state, expiry, the sealed credential and the record commit together; then the journal. */
async function reserve(warden: Warden, { agent, grant, approved }: Collecting) {
  const target = await openTarget(warden, approved.target);
  await refuseUnready(target, approved.terms.resources);
  const prepared: Prepared = target.prepare(grant.id);
  const { ttlSeconds } = approved.statement.limits;
  const taken = await transactBriefly(warden.db, async (tx, now) => {
    const { expiresAt } = await collect(tx, now, { id: grant.id, ttlSeconds }, prepared.reference);
    await recheckAgent(tx, warden, agent);
    await tx.sealed.create({ data: { ownerId: grant.id, sealed: warden.vault.seal(grant.id, prepared.secret) } });
    return { mintedAt: now, expiresAt };
  });
  await orVoid(warden, grant.id, async () => {
    await spend(warden, grant, approved);
    if (isUpstream(approved.target.config)) warden.vault.ledger.minted(grant.id, taken.expiresAt);
  });
  return { target, prepared, ...taken };
}
