import { createHmac, timingSafeEqual } from 'node:crypto';

const BUCKET_SECONDS = 60;

/** A nonce is good for so many minutes after the one it was made in. */
const GOOD_BUCKETS = 5;

/**
 * RFC 9449 §8: nonces that only holders of the secret can make. They say when
 * they were made by the clock that is passed in, the database's: copies with
 * one secret take each other's.
 */
export interface Nonces {
  current(now: Date): string;
  /** The instant from which a nonce is good no longer; null where it is not ours, too old or of a minute to come. */
  endOf(nonce: unknown, now: Date): Date | null;
}

export function createNonces(secret: Uint8Array): Nonces {
  let made = { bucket: -1, nonce: '' };

  function nonceOf(bucket: number): string {
    const mac = createHmac('sha256', secret).update(String(bucket)).digest('base64url');
    return `${bucket}.${mac}`;
  }

  /** Remembers the last one: the same minute asks thousands of times. */
  function lately(bucket: number): string {
    if (made.bucket !== bucket) made = { bucket, nonce: nonceOf(bucket) };
    return made.nonce;
  }

  return {
    current: (now) => lately(bucketOf(now)),
    endOf(nonce, now) {
      const bucket = typeof nonce === 'string' ? Number(/^(\d{1,10})\./.exec(nonce)?.[1]) : Number.NaN;
      const age = bucketOf(now) - bucket;
      if (!(age >= 0 && age <= GOOD_BUCKETS)) return null;
      const ours = age === 0 ? lately(bucket) : nonceOf(bucket);
      return same(String(nonce), ours) ? new Date((bucket + GOOD_BUCKETS + 1) * BUCKET_SECONDS * 1000) : null;
    },
  };
}

const bucketOf = (now: Date): number => Math.floor(now.getTime() / 1000 / BUCKET_SECONDS);

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
