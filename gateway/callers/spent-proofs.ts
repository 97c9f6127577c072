import type { SpentProof } from '#lib/tokens';

/**
 * Proofs remembered at most, of one key and of all. Past it none is taken:
 * forgetting one would let it in again (T27). The bound of a key is reached long
 * before the other, so that one agent locks out nobody but itself.
 */
const MOST = { ofOne: 100_000, ofAll: 2_000_000 };

/** Used proofs in memory, by the instant they end and by the key they were made with. */
export function rememberProofs(most = MOST): { spend(proof: SpentProof, now: Date): boolean } {
  const byEnd = new Map<number, Map<string, Set<string>>>();
  let forgotten = Number.NEGATIVE_INFINITY;

  function forgetEnded(now: number): void {
    for (const end of byEnd.keys()) if (end <= now) byEnd.delete(end);
    forgotten = Math.max(forgotten, now);
  }

  return {
    spend({ jkt, jti, until }, now) {
      forgetEnded(now.getTime());
      const end = until.getTime();
      // A clock that went forth and back would bring proofs to life that are forgotten (T77).
      if (end <= forgotten) return false;
      const mine = [...byEnd.values()].flatMap((keys) => keys.get(jkt) ?? []);
      if (mine.some((proofs) => proofs.has(jti))) return false;
      const all = [...byEnd.values()].flatMap((keys) => [...keys.values()]);
      if (sizeOf(mine) >= most.ofOne || sizeOf(all) >= most.ofAll) return false;
      const keys = byEnd.get(end) ?? new Map<string, Set<string>>();
      byEnd.set(end, keys.set(jkt, (keys.get(jkt) ?? new Set<string>()).add(jti)));
      return true;
    },
  };
}

const sizeOf = (sets: ReadonlyArray<ReadonlySet<string>>): number => sets.reduce((sum, { size }) => sum + size, 0);
