import { type Authority, extend, replay } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Db, Tx } from '#lib/db';
import type { RelyingParty } from '#lib/statement';
import type { Vault } from '#warden/vault';

/** Reads the authority chain for the whole warden, and keeps what it has verified. */
export interface AuthorityCache {
  isSetUp(): boolean;
  /**
   * Returns the authority as of the chain's last row, every entry verified. Reads
   * only the rows after the head it knows, and checks that this head is still
   * there. Throws `minting_stopped` where the chain is broken, rolled back or not
   * begun.
   */
  current(db: Db | Tx): Promise<Authority>;
}

export function createAuthorityCache(vault: Vault, relyingParty: RelyingParty): AuthorityCache {
  const verifier = () => ({ ...relyingParty, warden: vault.publicKey });
  let known: Authority | null = null;

  async function whole(db: Db | Tx): Promise<Authority> {
    const pin = vault.readPin() ?? refuse('minting_stopped', 'Countersign is not set up yet.');
    const rows = await db.chainEntry.findMany({ orderBy: { seq: 'asc' } });
    return replay(pin, rows, verifier());
  }

  /** Null where the row at the known head is another one now: replay then says which entry is wrong. */
  async function grown(db: Db | Tx, authority: Authority): Promise<Authority | null> {
    const rows = await db.chainEntry.findMany({ where: { seq: { gte: authority.head.seq } }, orderBy: { seq: 'asc' } });
    const [head, ...fresh] = rows;
    if (head?.hash !== authority.head.hash) return null;
    let next = authority;
    for (const row of fresh) next = await extend(next, row, verifier());
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

/** Moves the pin forward, so that an older database is noticed after a restart too (T75). */
function remember(vault: Vault, authority: Authority): void {
  const pin = vault.readPin();
  if (pin !== null && authority.head.seq > pin.head.seq) vault.writePin({ ...pin, head: authority.head });
}
