import { DomainError, digestOf, type Json, newId } from '#lib/core';
import { databaseNow, type Grant, transact } from '#lib/db';
import { collect } from '#lib/grants';
import type { AgentFacts } from '#lib/identity';
import { type Order, signRecord } from '#lib/records';
import type { Warden } from '../../warden/context';
import { authorize } from '../../warden/issuer/authorize';

/*
 * Only for tests: orders as somebody might put them into the table.
 */

/** An order as the warden writes it: for thirty seconds, unless said otherwise. */
export async function insertOrder(
  { db, vault }: Pick<Warden, 'db' | 'vault'>,
  of: Pick<Order, 'wantedId' | 'grantId' | 'instanceId' | 'verdict'>,
  more: Partial<Order> = {},
): Promise<Order> {
  const now = await databaseNow(db);
  const times = { issuedAt: now.toISOString(), expiresAt: new Date(now.getTime() + 30_000).toISOString() };
  const order: Order = { id: newId('ord'), ...of, ...times, ...more };
  const { body, signature } = signRecord(vault.signingKey, 'order', order as unknown as Json);
  const { id, wantedId, grantId, instanceId } = order;
  const runs = order.verdict.kind === 'run';
  await db.order.create({ data: { id, wantedId, grantId, instanceId, runs, body, signature } });
  return order;
}

/** Uses the one collection up, and says what is to be run. */
export async function orderFor(warden: Warden, grant: Grant, agent: AgentFacts): Promise<Order['verdict']> {
  const { db } = warden;
  const [authority, now] = [await warden.authority.current(db), await databaseNow(db)];
  const { statement, target } = await authorize(warden, { authority, agent, grant, now });
  const { request, limits, preview } = statement;
  const { operation } = request;
  if (operation === null) throw new DomainError('conflict', 'This grant is for no exact operation.');
  await transact(db, (tx, at) => collect(tx, at, { id: grant.id, ttlSeconds: limits.ttlSeconds }, grant.id));
  return {
    kind: 'run',
    targetId: target.id,
    targetChainHash: target.chainHash,
    resources: [...request.resources],
    verbs: [...request.verbs],
    ttlSeconds: limits.ttlSeconds,
    maxUses: limits.maxUses,
    operation,
    operationDigest: digestOf(operation),
    preview,
  };
}
