import type { Authority } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Db, Tx } from '#lib/db';

/** A freeze that no owner's key has ended. What its row says of its end is not believed (P9). */
export async function frozen(db: Db | Tx, authority: Authority): Promise<boolean> {
  const freezes = await db.freeze.findMany({ select: { id: true } });
  return freezes.some(({ id }) => !authority.thawed.has(id));
}

/** `not_allowed`, in the words every door uses while everything is frozen. */
export const refuseFrozen = (): never =>
  refuse(
    'not_allowed',
    'Everything is frozen: somebody stopped all access, and an owner’s key has to end that. Nothing passes until then; do not look for another way.',
  );
