import { z } from 'zod';
import { addSeconds, base64url, DomainError, fromBase64url, parseStrictJson, randomToken } from '#lib/core';
import { type Db, type Tx, transact } from '#lib/db';
import { Assertion, type RelyingParty, verifyAssertion } from '#lib/statement';
import { startSession } from './sessions';

const CHALLENGE_SECONDS = 300;

/** One error for every failure, so that a forger learns nothing from it; the cause goes to the log. */
const refused = (cause: unknown): DomainError =>
  new DomainError('unauthenticated', 'Sign-in did not work. Try again from the start.', { cause });

/** Makes a challenge for one sign-in, good for five minutes, and deletes those that are over. */
export function signInChallenge(db: Db): Promise<string> {
  return transact(db, async (tx, now) => {
    const challenge = randomToken();
    await tx.signInChallenge.deleteMany({ where: { expiresAt: { lt: now } } });
    await tx.signInChallenge.create({ data: { challenge, expiresAt: addSeconds(now, CHALLENGE_SECONDS) } });
    return challenge;
  });
}

/**
 * Starts a session for the person whom an assertion proves, and returns its id.
 * The assertion must be made on web's own origin (one from the sign origin is
 * refused, T6), by an active key of an active person, with that person verified,
 * over a challenge that this call spends even where it fails. Throws
 * `unauthenticated`, always in the same words.
 */
export async function signInWithKey(
  db: Db,
  attempt: { readonly assertion: unknown; readonly relyingParty: RelyingParty; readonly userAgent: string },
): Promise<string> {
  try {
    const assertion = Assertion.parse(attempt.assertion);
    const challenge = await spendChallenge(db, assertion);
    const key = await activeKey(db, assertion);
    const { counter } = await verifyAssertion({
      assertion,
      challenge,
      relyingParty: attempt.relyingParty,
      authenticator: { ...key, counter: key.signInCounter },
    });
    return await transact(db, async (tx, now) => {
      await moveCounter(tx, now, key.id, counter);
      const { id: keyId, humanId } = key;
      return startSession(tx, now, { humanId, method: 'key', userAgent: attempt.userAgent, proof: { keyId } });
    });
  } catch (cause) {
    throw cause instanceof DomainError || cause instanceof z.ZodError ? refused(cause) : cause;
  }
}

const ClientData = z.object({ challenge: z.string().min(1).max(200) });

/** Deletes the challenge that the signed client data names (T7): it is used once, however many calls race for it. */
async function spendChallenge(db: Db, assertion: Assertion): Promise<Uint8Array> {
  const text = Buffer.from(assertion.response.clientDataJSON, 'base64url').toString('utf8');
  const { challenge } = ClientData.parse(parseStrictJson(text));
  const spent = await db.$executeRaw`
    DELETE FROM sign_in_challenges WHERE challenge = ${challenge} AND expires_at > clock_timestamp()`;
  const bytes = fromBase64url(challenge);
  if (spent !== 1 || bytes === null) throw refused(new Error('unknown or spent challenge'));
  return bytes;
}

async function activeKey(db: Db, assertion: Assertion) {
  const key = await db.key.findFirst({
    where: { credentialId: assertion.id, state: 'active', human: { state: 'active' } },
  });
  if (key === null) throw refused(new Error('no such active key'));
  const handle = base64url(new TextEncoder().encode(key.humanId));
  if (assertion.response.userHandle !== handle) throw refused(new Error("another person's user handle"));
  return { ...key, class: key.class as 'attested' | 'hardware' | 'synced' };
}

/** Stores the counter. One that does not grow is a copied key's (T12); an authenticator without a counter always says 0. */
async function moveCounter(tx: Tx, now: Date, keyId: string, counter: bigint): Promise<void> {
  const grows = counter === 0n ? { signInCounter: 0n } : { signInCounter: { lt: counter } };
  const { count } = await tx.key.updateMany({
    where: { id: keyId, state: 'active', ...grows },
    data: { signInCounter: counter, lastUsedAt: now },
  });
  if (count !== 1) throw refused(new Error('the counter did not grow'));
}
