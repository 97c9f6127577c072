import type { Db } from '#lib/db';
import type { ProofStore } from '#lib/tokens';

/** Used proofs in a table: every warden on this database sees one used at another (T27). The pulse deletes the old ones. */
export const spentProofs = (db: Db): ProofStore => ({
  async spend({ jkt, jti, until }) {
    const row = { jkt, jti, expiresAt: until };
    const { count } = await db.dpopProof.createMany({ data: [row], skipDuplicates: true });
    return count === 1;
  },
});
