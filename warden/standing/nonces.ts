import { createHmac, randomBytes } from 'node:crypto';

const BUCKET_SECONDS = 60;

/** A nonce is good for this long after the minute it was made in. */
const GOOD_BUCKETS = 5;

/** Proofs remembered at most. Past it none is taken: forgetting one would let it in again (T27). */
const MOST = 500_000;

/** RFC 9449 §8: nonces only this process can have made, and the proofs that were made with them. */
export interface Nonces {
  current(): string;
  /** Whether the nonce is ours and not too old. */
  holds(nonce: unknown): boolean;
  /** Uses a proof up. False where it was used before, or where no more can be remembered. */
  spend(thumbprint: string, jti: string): boolean;
}

/** `seconds` is a clock that only goes forward. */
export function createNonces(seconds: () => number = () => performance.now() / 1000): Nonces {
  const secret = randomBytes(32);
  const spent = new Map<number, Set<string>>();
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
      for (const bucket of spent.keys()) if (bucket < now - GOOD_BUCKETS) spent.delete(bucket);
      const proof = `${thumbprint} ${jti}`;
      let remembered = 0;
      for (const proofs of spent.values()) {
        if (proofs.has(proof)) return false;
        remembered += proofs.size;
      }
      if (remembered >= MOST) return false;
      const bucket = spent.get(now) ?? new Set<string>();
      bucket.add(proof);
      spent.set(now, bucket);
      return true;
    },
  };
}
