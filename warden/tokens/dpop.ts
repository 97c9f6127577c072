import { addSeconds, refuse, sha256Base64url } from '#lib/core';
import type { Db } from '#lib/db';
import { readProof } from './sign';

/** How far from the database's clock a proof's `iat` may lie, both ways. */
const WINDOW_SECONDS = 60;

const no = (cause: string): never =>
  refuse('proof_required', 'This agent has a key: send a fresh DPoP proof made with it (RFC 9449).', {
    cause: new Error(cause),
  });

/**
 * Checks a DPoP proof (RFC 9449 §4.3) and uses it up. Every failure looks the
 * same from outside; nothing is normalised, so a proof for another spelling of
 * the address is a proof for another address (T28).
 */
export async function spendProof(
  db: Db,
  now: Date,
  input: {
    readonly proof: string;
    readonly method: string;
    readonly url: string;
    readonly token: string;
    readonly thumbprint: string;
  },
): Promise<void> {
  const proof = (await readProof(input.proof)) ?? no('no valid proof');
  const { htm, htu, iat, jti, ath } = proof.payload as { readonly [claim: string]: unknown };
  if (proof.thumbprint !== input.thumbprint) no('made with another key');
  if (htm !== input.method || htu !== input.url) no('made for another call');
  if (ath !== sha256Base64url(input.token)) no('made for another token, or for none');
  if (typeof iat !== 'number' || Math.abs(iat * 1000 - now.getTime()) > WINDOW_SECONDS * 1000)
    no('made too long ago, or in the future');
  if (typeof jti !== 'string' || jti === '' || jti.length > 128) return no('without a usable jti');
  // Kept past the last instant the proof would pass, so that forgetting it never lets it in again (T27).
  const row = { jkt: input.thumbprint, jti, expiresAt: addSeconds(now, 3 * WINDOW_SECONDS) };
  const { count } = await db.dpopProof.createMany({ data: [row], skipDuplicates: true });
  if (count !== 1) no('used before');
}
