import { type Authority, extend, replay } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Db, Tx } from '#lib/db';
import type { RelyingParty } from '#lib/statement';
import type { Vault } from '#warden/vault';

/** The warden's one way to know who and what exists. */
export interface AuthorityKeeper {
  /** Whether the first key was pinned. */
  isSetUp(): boolean;
  /**
   * The authority as of the chain's last row, every entry verified. Reads only
   * rows it has not seen, and checks that the ones it has are still the same.
   * Throws `minting_stopped` when the chain is broken, rolled back or not begun.
   */
  current(db: Db | Tx): Promise<Authority>;
}

export function createAuthorityKeeper(vault: Vault, relyingParty: RelyingParty): AuthorityKeeper {
  let known: Authority | null = null;

  async function whole(db: Db | Tx): Promise<Authority> {
    const pin = vault.readPin() ?? refuse('minting_stopped', 'Countersign is not set up yet.');
    const rows = await db.chainEntry.findMany({ orderBy: { seq: 'asc' } });
    return replay(pin, rows, relyingParty);
  }

  /** Null when the row at the known head is not what was verified: start over, and let replay say why. */
  async function grown(db: Db | Tx, authority: Authority): Promise<Authority | null> {
    const rows = await db.chainEntry.findMany({ where: { seq: { gte: authority.head.seq } }, orderBy: { seq: 'asc' } });
    const [head, ...fresh] = rows;
    if (head?.hash !== authority.head.hash) return null;
    let next = authority;
    for (const row of fresh) next = await extend(next, row, relyingParty);
    return next;
  }

  return {
    isSetUp: () => vault.readPin() !== null,
    async current(db) {
      const next = (known === null ? null : await grown(db, known)) ?? (await whole(db));
      if (known === null || next.head.seq > known.head.seq) remember(vault, next);
      known = next;
      return next;
    },
  };
}

/** Moves the pin forward, so that an older database is noticed also after a restart. */
function remember(vault: Vault, authority: Authority): void {
  const pin = vault.readPin();
  if (pin !== null && authority.head.seq > pin.head.seq) vault.writePin({ ...pin, head: authority.head });
}
