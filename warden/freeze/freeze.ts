import type { Authority } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Db, Listener, Tx } from '#lib/db';
import { loop } from '#warden/pulse';

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

export interface FreezeWatch {
  /** As last heard: at most a second old while the database answers. Not knowing yet is frozen (P7). */
  isFrozen(): boolean;
  /** False until it was read once. */
  isKnown(): boolean;
  /** Throws `not_allowed` while everything is frozen, `unavailable` while that is not known yet. */
  refuseFrozen(): void;
  stop(): Promise<void>;
}

/** For the path that asks no database. */
export function watchFreeze(parts: {
  readonly db: Db;
  readonly listener: Listener;
  /** Of any age: an old one knows fewer ends of freezes, and nothing is thawed by that. Null for none yet. */
  readonly authority: () => Promise<Authority> | Authority | null;
}): FreezeWatch {
  let known: boolean | null = null;
  const rounds = loop(
    async () => {
      const authority = await parts.authority();
      if (authority === null) return 250;
      known = await frozen(parts.db, authority);
      // Its end is known once the chain was read as well: who waits for it is not kept long.
      return known ? 250 : 1_000;
    },
    // An old answer stands: without the database only rest goes on, and not for long.
    { onError: () => undefined, retryMs: 250 },
  );
  const deaf = parts.listener.onNotice((notice) => {
    if (notice === null || notice.table === 'freezes' || notice.table === 'chain') rounds.wake();
  });
  return {
    isFrozen: () => known !== false,
    isKnown: () => known !== null,
    refuseFrozen() {
      if (known === null) refuse('unavailable', STARTING, { retryAfterSeconds: 1 });
      if (known) refuseFrozen();
    },
    async stop() {
      deaf();
      await rounds.stop();
    },
  };
}

const STARTING = 'The gateway has just started and does not know yet what was frozen. Try again in a second.';
