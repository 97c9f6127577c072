import type { Authority } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Db, Tx } from '#lib/db';
import { type SeenFreeze, type Vault, WARDEN } from '#warden/vault';

/** One stops everything; whoever owns the tables and writes thousands fills no disk with them. */
const MOST_NOTED = 100;

/**
 * The freezes that no owner's key has ended: every row, and every row that was
 * ever seen. What a row says of its end is not believed, nor that it is gone (P9).
 */
export async function standingFreezes(
  db: Db | Tx,
  { seenFreezes }: Pick<Vault, 'seenFreezes'>,
  { thawed }: Pick<Authority, 'thawed'>,
): Promise<readonly SeenFreeze[]> {
  const select = { id: true, humanId: true, reason: true, begunAt: true };
  const rows = await db.freeze.findMany({
    where: { id: { notIn: [...thawed.keys()] } },
    select,
    orderBy: { id: 'asc' },
    take: MOST_NOTED,
  });
  // Who owns the tables speaks for nobody: what the warden began itself it has noted already.
  // One that no statement can name would never end.
  const named = rows.filter(({ id }) => /^frz_[0-9a-z]{20}$/.test(id));
  for (const row of named) seenFreezes.note(row.humanId === WARDEN ? { ...row, humanId: 'unknown' } : row);
  return seenFreezes.list().filter(({ id }) => !thawed.has(id));
}

/** Whether nothing may be minted, run or read at rest: nor before a database that was put back in time is right again. */
export const frozen = async (
  { db, vault }: { readonly db: Db | Tx; readonly vault: Pick<Vault, 'seenFreezes' | 'isPuttingBack'> },
  authority: Authority,
): Promise<boolean> => vault.isPuttingBack() || (await standingFreezes(db, vault, authority)).length > 0;

/** When an owner's key last ended a freeze. What was approved before that does not count: nobody knew then what the freeze was about (P9). */
export const lastThaw = ({ thawed }: Pick<Authority, 'thawed'>): Date =>
  new Date(Math.max(0, ...[...thawed.values()].map((at) => at.getTime())));

/** `not_allowed`, in the words every door uses while everything is frozen. */
export const refuseFrozen = (): never =>
  refuse(
    'not_allowed',
    'Everything is frozen: somebody stopped all access, and an owner’s key has to end that. Nothing passes until then; do not look for another way.',
  );
