import { createHmac, randomFillSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { addSeconds, base64url, DomainError, fromBase64url, parseStrictJson } from '#lib/core';
import { type Db, type Tx, transact } from '#lib/db';
import { Assertion, type RelyingParty, verifyAssertion } from '#lib/statement';
import { startSession } from './sessions';

const CHALLENGE_SECONDS = 300;

/** One error for every failure, so that a forger learns nothing from it; the cause goes to the log. */
const refused = (cause: unknown): DomainError =>
  new DomainError('unauthenticated', 'Sign-in did not work. Try again from the start.', { cause });

/** Random bytes, then the second at which it is over, by this host's clock. */
const RANDOM_BYTES = 16;
const END_BYTES = 6;

/**
 * A challenge for one sign-in, good for five minutes, base64url. It bears its own
 * end and a MAC over it, so that nothing is stored for whoever asks for one: a
 * stranger fills no table, and pushes nobody else's challenge out of one.
 */
export function signInChallenge(secret: string, at: Date = new Date()): string {
  const head = Buffer.alloc(RANDOM_BYTES + END_BYTES);
  randomFillSync(head, 0, RANDOM_BYTES);
  head.writeUIntBE(Math.ceil(at.getTime() / 1_000) + CHALLENGE_SECONDS, RANDOM_BYTES, END_BYTES);
  return base64url(Buffer.concat([head, macOf(secret, head)]));
}

const macOf = (secret: string, head: Uint8Array): Buffer =>
  createHmac('sha256', secret).update('countersign/sign-in-challenge\0').update(head).digest();

/** When a challenge of this secret's is over; null for one that is not, or is over. */
function endOf(secret: string, challenge: Uint8Array): Date | null {
  const head = challenge.subarray(0, RANDOM_BYTES + END_BYTES);
  const mac = challenge.subarray(RANDOM_BYTES + END_BYTES);
  if (head.length + mac.length !== RANDOM_BYTES + END_BYTES + 32 || !timingSafeEqual(mac, macOf(secret, head)))
    return null;
  const end = new Date(Buffer.from(head).readUIntBE(RANDOM_BYTES, END_BYTES) * 1_000);
  return end > new Date() ? end : null;
}

/**
 * Starts a session for the person whom an assertion proves, and returns its id.
 * The assertion must be made on web's own origin (one from the sign origin is
 * refused, T6), by an active key of an active person, with that person verified,
 * over a challenge of this secret's that nobody signed in with before. Throws
 * `unauthenticated`, always in the same words.
 */
export async function signInWithKey(
  db: Db,
  attempt: {
    readonly assertion: unknown;
    readonly relyingParty: RelyingParty;
    readonly userAgent: string;
    /** That made the challenge. */
    readonly secret: string;
  },
): Promise<string> {
  try {
    const assertion = Assertion.parse(attempt.assertion);
    const { challenge, end } = challengeIn(attempt.secret, assertion);
    const key = await activeKey(db, assertion);
    const { counter } = await verifyAssertion({
      assertion,
      challenge,
      relyingParty: attempt.relyingParty,
      authenticator: { ...key, counter: await lastCounter(db, key.id) },
    });
    return await transact(db, async (tx, now) => {
      await spend(tx, now, challenge, end);
      await moveCounter(tx, now, key.id, counter);
      const { id: keyId, humanId } = key;
      return startSession(tx, now, { humanId, method: 'key', userAgent: attempt.userAgent, proof: { keyId } });
    });
  } catch (cause) {
    throw cause instanceof DomainError || cause instanceof z.ZodError ? refused(cause) : cause;
  }
}

const ClientData = z.object({ challenge: z.string().min(1).max(200) });

/** The challenge that the signed client data names (T7), where it is one of ours and not over. */
function challengeIn(secret: string, assertion: Assertion): { readonly challenge: Uint8Array; readonly end: Date } {
  const text = Buffer.from(assertion.response.clientDataJSON, 'base64url').toString('utf8');
  const challenge = fromBase64url(ClientData.parse(parseStrictJson(text)).challenge);
  const end = challenge === null ? null : endOf(secret, challenge);
  if (challenge === null || end === null) throw refused(new Error('a challenge of nobody’s, or a stale one'));
  return { challenge, end };
}

/** Used once, however many calls race for it. Only who holds a key here comes this far, so the table stays small. */
async function spend(tx: Tx, now: Date, challenge: Uint8Array, end: Date): Promise<void> {
  await tx.signInChallenge.deleteMany({ where: { expiresAt: { lt: addSeconds(now, -CHALLENGE_SECONDS) } } });
  const { count } = await tx.signInChallenge.createMany({
    data: [{ challenge: base64url(challenge), expiresAt: end }],
    skipDuplicates: true,
  });
  if (count !== 1) throw refused(new Error('a spent challenge'));
}

async function activeKey(db: Db, assertion: Assertion) {
  const key = await db.key.findFirst({
    where: { credentialId: assertion.id, state: 'active', human: { state: 'active' } },
  });
  if (key === null) throw refused(new Error('no such active key'));
  const handle = base64url(new TextEncoder().encode(key.humanId));
  if (assertion.response.userHandle !== handle) throw refused(new Error("another person's user handle"));
  return { ...key, class: key.class as 'attested' | 'claimed' | 'synced' };
}

const lastCounter = async (db: Db, keyId: string): Promise<bigint> =>
  (await db.keySignIn.findUnique({ where: { keyId } }))?.counter ?? 0n;

/** Stores the counter. One that does not grow is a copied key's (T12); an authenticator without a counter always says 0. */
async function moveCounter(tx: Tx, now: Date, keyId: string, counter: bigint): Promise<void> {
  const moved = await tx.$executeRaw`
    INSERT INTO key_sign_ins AS k (key_id, counter, used_at)
    SELECT id, ${counter}, ${now} FROM keys WHERE id = ${keyId} AND state = 'active'
    ON CONFLICT (key_id) DO UPDATE SET counter = excluded.counter, used_at = excluded.used_at
      WHERE k.counter < excluded.counter OR (k.counter = 0 AND excluded.counter = 0)`;
  if (moved !== 1) throw refused(new Error('the counter did not grow'));
}
