import type { Tx } from '#lib/db';
import type { Vault } from '#warden/vault';

/**
 * Publishes which grants at providers ended before their credential's `exp`, as
 * the ledger has them. The rows add to it and take nothing away: whoever owns
 * the tables cannot bring one back (P3).
 */
export async function publishEnded(
  tx: Tx,
  now: Date,
  { ledger, stopped }: Pick<Vault, 'ledger' | 'stopped'>,
): Promise<ReadonlySet<string>> {
  // First: it forgets what is past, of which nothing is to be said any more.
  ledger.endedEarly(now);
  // Before the rows: what is in it stands in these already.
  const live = ledger.live();
  const active = await tx.grant.findMany({ where: { id: { in: [...live] }, state: 'active' }, select: { id: true } });
  const still = new Set(active.map(({ id }) => id));
  // Stopped ones too: one may have been stopped in the moment before it was minted.
  for (const id of live) if (!still.has(id) || stopped.has(id)) ledger.ended(id);
  const ended = ledger.endedEarly(now);
  const rows = await tx.endedGrant.findMany({ select: { grantId: true } });
  const stored = new Set(rows.map(({ grantId }) => grantId));
  const missing = [...ended].filter(([grantId]) => !stored.has(grantId));
  const foreign = [...stored].filter((grantId) => !ended.has(grantId));
  if (foreign.length > 0) await tx.endedGrant.deleteMany({ where: { grantId: { in: foreign } } });
  if (missing.length > 0)
    await tx.endedGrant.createMany({ data: missing.map(([grantId, expiresAt]) => ({ grantId, expiresAt })) });
  return new Set(ended.keys());
}
