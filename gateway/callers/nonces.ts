import { createHmac, randomBytes } from 'node:crypto';

const BUCKET_SECONDS = 60;

/** A nonce is good for this long after the minute it was made in. */
const GOOD_BUCKETS = 5;

/**
 * Proofs remembered at most, of one key and of all. Past it none is taken:
 * forgetting one would let it in again (T27). The bound of a key is reached long
 * before the other, so that one agent locks out nobody but itself.
 */
const MOST = { ofOne: 100_000, ofAll: 2_000_000 };

/** RFC 9449 §8: nonces only this process can have made, and the proofs that were made with them. */
export interface Nonces {
  current(): string;
  /** Whether the nonce is ours and not too old. */
  holds(nonce: unknown): boolean;
  /** Uses a proof up. False where it was used before, or where no more can be remembered. */
  spend(thumbprint: string, jti: string): boolean;
}

/** `seconds` is a clock that only goes forward. */
export function createNonces(seconds: () => number = () => performance.now() / 1000, most = MOST): Nonces {
  const secret = randomBytes(32);
  const spent = createSpent(most);
  let made = { bucket: -1, nonce: '' };

  const bucketNow = (): number => Math.floor(seconds() / BUCKET_SECONDS);

  function nonceOf(bucket: number): string {
    return `${bucket}.${createHmac('sha256', secret).update(String(bucket)).digest('base64url')}`;
  }

  function current(): string {
    const bucket = bucketNow();
    if (made.bucket !== bucket) made = { bucket, nonce: nonceOf(bucket) };
    return made.nonce;
  }

  const good = (now: number): number[] => Array.from({ length: GOOD_BUCKETS + 1 }, (_, back) => now - back);

  return {
    current,
    holds(nonce) {
      if (typeof nonce !== 'string') return false;
      return nonce === current() || good(bucketNow()).some((bucket) => bucket >= 0 && nonce === nonceOf(bucket));
    },
    spend(thumbprint, jti) {
      const now = bucketNow();
      // A proof outlives its nonce by nothing, so what was spent with older ones need not be remembered.
      spent.forgetBefore(now - GOOD_BUCKETS);
      return spent.add(now, thumbprint, jti);
    },
  };
}

/** By the minute they were spent in, and by the key they were made with. */
function createSpent(most: typeof MOST) {
  const buckets = new Map<number, Map<string, Set<string>>>();
  return {
    forgetBefore(first: number): void {
      for (const bucket of buckets.keys()) if (bucket < first) buckets.delete(bucket);
    },
    /** False where it is there already, or where there is no room. */
    add(bucket: number, thumbprint: string, jti: string): boolean {
      const mine = [...buckets.values()].flatMap((keys) => keys.get(thumbprint) ?? []);
      if (mine.some((proofs) => proofs.has(jti))) return false;
      const all = [...buckets.values()].flatMap((keys) => [...keys.values()]);
      if (sizeOf(mine) >= most.ofOne || sizeOf(all) >= most.ofAll) return false;
      const keys = buckets.get(bucket) ?? new Map<string, Set<string>>();
      buckets.set(bucket, keys.set(thumbprint, (keys.get(thumbprint) ?? new Set<string>()).add(jti)));
      return true;
    },
  };
}

const sizeOf = (sets: ReadonlyArray<ReadonlySet<string>>): number => sets.reduce((sum, { size }) => sum + size, 0);
