import { type Authority, extend, replay } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Db, Tx } from '#lib/db';
import type { RelyingParty } from '#lib/statement';
import type { KeptEntry, Vault } from '#warden/vault';

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

  async function whole(db: Db | Tx): Promise<Read> {
    const pin = vault.readPin() ?? refuse('minting_stopped', 'Countersign is not set up yet.');
    const rows = await db.chainEntry.findMany({ orderBy: { seq: 'asc' } });
    return { authority: await replay(pin, rows, verifier()), rows };
  }

  /** Null where the row at the known head is another one now: replay then says which entry is wrong. */
  async function grown(db: Db | Tx, authority: Authority): Promise<Read | null> {
    const rows = await db.chainEntry.findMany({ where: { seq: { gte: authority.head.seq } }, orderBy: { seq: 'asc' } });
    const [head, ...fresh] = rows;
    if (head?.hash !== authority.head.hash) return null;
    let next = authority;
    for (const row of fresh) next = await extend(next, row, verifier());
    return { authority: next, rows: fresh };
  }

  return {
    isSetUp: () => vault.readPin() !== null,
    async current(db) {
      const read = (known === null ? null : await grown(db, known)) ?? (await whole(db));
      const next = read.authority;
      // Of two readers the slower one has seen less.
      if (known !== null && next.head.seq <= known.head.seq) return next;
      remember(vault, read);
      known = next;
      return next;
    },
  };
}

/** What was verified, and the rows that said it. */
interface Read {
  readonly authority: Authority;
  readonly rows: readonly KeptEntry[];
}

/** Keeps the entries and moves the pin forward, so that an older database is noticed after a restart too, and can be given what it lacks (T75). */
function remember(vault: Vault, { authority, rows }: Read): void {
  vault.chain.add(rows);
  const pin = vault.readPin();
  if (pin !== null && authority.head.seq > pin.head.seq) vault.writePin({ ...pin, head: authority.head });
}
