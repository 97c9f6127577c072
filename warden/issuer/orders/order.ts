import { addSeconds, digestOf, iso, type Json, newId, refuse } from '#lib/core';
import { type Grant, transactBriefly } from '#lib/db';
import { collect } from '#lib/grants';
import { type Order, signRecord } from '#lib/records';
import type { Warden } from '../../context';
import { type Approved, spend } from '../authorize';
import { recheckAgent, signedFor } from '../recheck';
import { orVoid } from '../void';

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
 * Uses the approval up and signs the order: state and record commit, the journal
 * is on disk, and only then is there an order. Cut off between two of these,
 * there is a spent approval without an order, which ending cleans up.
 */
export async function order(warden: Warden, ordering: Ordering): Promise<string> {
  const { grant, approved } = ordering;
  const { ttlSeconds } = approved.statement.limits;
  const taken = await transactBriefly(warden.db, async (tx, now) => {
    const { expiresAt } = await collect(tx, now, { id: grant.id, ttlSeconds }, grant.id);
    await recheckAgent(tx, warden, signedFor(approved.statement.request.agent));
    return { expiresAt, at: now };
  });
  return orVoid(warden, grant.id, async () => {
    await spend(warden, grant, approved);
    warden.vault.ledger.minted(grant.id, taken.expiresAt);
    return insertOrder(warden, taken.at, ordering);
  });
}

async function insertOrder({ db, vault }: Warden, now: Date, ordering: Ordering): Promise<string> {
  const { grant, instanceId, wantedId } = ordering;
  const body = orderOf(now, ordering);
  const signed = signRecord(vault.signingKey, 'order', body as unknown as Json);
  await db.order.create({
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

/** What every answer to a copy says first, an order and a refusal alike. */
export const envelope = (now: Date, to: Pick<Order, 'grantId' | 'instanceId' | 'wantedId'>) => ({
  id: newId('ord'),
  ...to,
  issuedAt: iso(now),
  expiresAt: iso(addSeconds(now, ORDER_SECONDS)),
});

/** A copy that runs, for an agent that collects here. Throws `unavailable` before anything is used up. */
export async function anyCopy({ db, authority, gateways }: Warden, now: Date): Promise<string> {
  const [known, copies] = await Promise.all([
    authority.current(db),
    db.gatewayInstance.findMany({
      where: { seenAt: { gte: addSeconds(now, -COPY_SECONDS) } },
      orderBy: { seenAt: 'desc' },
    }),
  ]);
  const copy = copies.find((row) => gateways.instanceKey(known, row) !== null);
  return copy?.id ?? refuse('unavailable', NO_COPY, { retryAfterSeconds: 5 });
}

const NO_COPY =
  'No copy of the gateway is running, so nothing can be sent to this provider. Your approval is untouched: try again.';
