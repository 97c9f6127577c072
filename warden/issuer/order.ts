import { addSeconds, DomainError, iso, type Json, newId, refuse } from '#lib/core';
import { type Grant, type OrderWanted, type Tx, transact } from '#lib/db';
import { collect } from '#lib/grants';
import { type AgentFacts, sameAgent } from '#lib/identity';
import { digestOf, type Order, signRecord } from '#lib/records';
import { jwkThumbprint } from '#lib/tokens';
import type { Warden } from '../context';
import { type Approved, authorize, spend } from './authorize';
import { findGrant, refuseUncollectable } from './own-grant';
import { mintingAllowed } from './preconditions';
import { voidGrant } from './void';

/** A copy that gets an order begins within this time, or not at all. */
export const ORDER_SECONDS = 30;

/** A copy that was heard of so recently counts as running. */
const COPY_SECONDS = 5;

/** Who runs an approved operation at a provider, and on whose wish. */
interface Ordering {
  readonly grant: Grant;
  readonly approved: Approved;
  readonly instanceId: string;
  /** Null where the agent collects at the warden. */
  readonly wantedId: string | null;
}

/**
 * Answers a copy of the gateway that has the agent's call on the line, with an
 * order to run it or with why not. Everything that collecting checks is checked
 * here, from the signed bytes up; the wish itself is believed in nothing.
 */
export async function answerWanted(warden: Warden, wantedId: string): Promise<void> {
  const wanted = await warden.db.orderWanted.findUnique({ where: { id: wantedId } });
  if (wanted === null) return;
  if ((await warden.db.order.count({ where: { wantedId } })) > 0) return;
  const { agentId: id, tokenHash, keyThumbprint, instanceId } = wanted;
  try {
    await refuseLie(warden, wanted);
    const { grant, approved } = await approvedFor(warden, { id, tokenHash, keyThumbprint }, wanted.grantId);
    if (wanted.operationDigest !== digestOf(approved.statement.request.operation))
      refuse('conflict', 'The call on the line is another one than was approved. Nothing was sent.');
    await refuseUnknownCopy(warden, instanceId);
    await order(warden, { grant, approved, instanceId, wantedId });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    await refuseWanted(warden, { wantedId, grantId: wanted.grantId, instanceId }, error);
  }
}

/**
 * A copy that lies about the call on its line must not cost anybody an approval:
 * what it says is held against rows that its role cannot write, before the
 * signatures are, since one that does not hold these voids the grant.
 */
async function refuseLie({ db }: Warden, wanted: OrderWanted): Promise<void> {
  const grant = await db.grant.findFirst({
    where: { id: wanted.grantId, agentId: wanted.agentId, target: { kind: { in: ['graphql', 'http'] } } },
    select: { agent: { select: { tokenHash: true, publicJwk: true } }, request: { select: { operation: true } } },
  });
  const { agent, request } = grant ?? refuse('not_found', 'There is no such grant.');
  const known = { tokenThumbprint: agent.tokenHash, keyThumbprint: await jwkThumbprint(agent.publicJwk) };
  const isAgent = sameAgent({ id: wanted.agentId, ...known }, { ...wanted, id: wanted.agentId });
  const isOperation = request?.operation != null && digestOf(request.operation) === wanted.operationDigest;
  if (!isAgent || !isOperation)
    refuse('conflict', 'The call on the line is another one than was approved. Nothing was sent.');
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

/**
 * Uses the approval up and signs the order: state and record commit, the journal
 * is on disk, and only then is there an order. Cut off between two of these,
 * there is a spent approval without an order, which ending cleans up.
 */
export async function order(warden: Warden, ordering: Ordering): Promise<string> {
  const { grant, approved } = ordering;
  const { ttlSeconds } = approved.statement.limits;
  const taken = await transact(warden.db, (tx, now) => collect(tx, now, { id: grant.id, ttlSeconds }, grant.id));
  await spend(warden, grant, approved);
  warden.vault.ledger.minted(grant.id, taken.expiresAt);
  try {
    return await transact(warden.db, (tx, now) => insertOrder(tx, now, warden, ordering));
  } catch (error) {
    await voidGrant(warden, grant.id, null);
    throw error;
  }
}

async function insertOrder(tx: Tx, now: Date, warden: Warden, ordering: Ordering): Promise<string> {
  const { grant, instanceId, wantedId } = ordering;
  const body = orderOf(now, ordering);
  const signed = signRecord(warden.vault.signingKey, 'order', body as unknown as Json);
  await tx.order.create({
    data: { id: body.id, wantedId, grantId: grant.id, instanceId, runs: true, ...signed, createdAt: now },
  });
  return body.id;
}

function orderOf(now: Date, { grant, approved, instanceId, wantedId }: Ordering): Order {
  const { statement, target } = approved;
  const { operation, resources, verbs } = statement.request;
  if (operation === null) return refuse('internal', 'A grant without an operation is not ordered.');
  const { ttlSeconds, maxUses } = statement.limits;
  return {
    ...envelope(now, { grantId: grant.id, instanceId, wantedId }),
    verdict: {
      kind: 'run',
      targetId: target.id,
      targetChainHash: target.chainHash,
      resources,
      verbs,
      ttlSeconds,
      maxUses,
      operation,
      operationDigest: digestOf(operation),
      preview: statement.preview,
    },
  };
}

const envelope = (now: Date, to: Pick<Order, 'grantId' | 'instanceId' | 'wantedId'>) => ({
  id: newId('ord'),
  ...to,
  issuedAt: iso(now),
  expiresAt: iso(addSeconds(now, ORDER_SECONDS)),
});

/** Signed as well: whoever owns the tables can say no for the warden only by saying nothing. */
async function refuseWanted(
  warden: Warden,
  to: { readonly wantedId: string; readonly grantId: string; readonly instanceId: string },
  { code, message }: DomainError,
): Promise<void> {
  await transact(warden.db, async (tx, now) => {
    const body: Order = { ...envelope(now, to), verdict: { kind: 'refused', code, message } };
    const signed = signRecord(warden.vault.signingKey, 'order', body as unknown as Json);
    await tx.order.createMany({
      data: [{ id: body.id, ...to, runs: false, ...signed, createdAt: now }],
      skipDuplicates: true,
    });
  });
}

async function refuseUnknownCopy(warden: Warden, instanceId: string): Promise<void> {
  const authority = await warden.authority.current(warden.db);
  const row = await warden.db.gatewayInstance.findUnique({ where: { id: instanceId } });
  if (row === null || warden.gateways.instanceKey(authority, row) === null)
    refuse('minting_stopped', 'This copy of the gateway is none that the gateway’s key certified. Nothing was sent.');
}

/** A copy that runs, for an agent that collects here. Throws `unavailable` before anything is used up. */
export async function anyCopy({ db, authority, gateways }: Warden, now: Date): Promise<string> {
  const known = await authority.current(db);
  const copies = await db.gatewayInstance.findMany({
    where: { seenAt: { gte: addSeconds(now, -COPY_SECONDS) } },
    orderBy: { seenAt: 'desc' },
  });
  const copy = copies.find((row) => gateways.instanceKey(known, row) !== null);
  return copy?.id ?? refuse('unavailable', NO_COPY, { retryAfterSeconds: 5 });
}

const NO_COPY =
  'No copy of the gateway is running, so nothing can be sent to this provider. Your approval is untouched: try again.';
