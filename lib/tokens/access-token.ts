import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { base64url } from '#lib/core';
import { objectIn, readCompact } from './compact';
import { protectedHeader } from './header';
import { tokenKeyOf } from './jwk';
import { es256Holds, hasLowS } from './signature';

/** How far behind the warden's clock the clock of whoever verifies may be. */
const SKEW_SECONDS = 60;

/** RFC 9396: what the token is good for, in the words that were approved. */
const AuthorizationDetail = z
  .object({
    type: z.literal('countersign'),
    locations: z.array(z.string()).readonly(),
    actions: z.array(z.string()).readonly(),
    resources: z.array(z.string()).readonly(),
    /** How often it may be used, where uses are counted. */
    max_uses: z.number().optional(),
  })
  .readonly();

/** RFC 9068 §2.2, and RFC 9449 §6 where the agent has a key. */
const TokenClaims = z
  .object({
    iss: z.string(),
    sub: z.string(),
    client_id: z.string(),
    aud: z.string(),
    jti: z.string(),
    iat: z.number(),
    nbf: z.number(),
    exp: z.number(),
    authorization_details: z.array(AuthorizationDetail).length(1).readonly(),
    cnf: z.object({ jkt: z.string() }).readonly().optional(),
    /** SHA-256 of the ask token it was approved for: a token for our own gateway dies with that one. */
    ask_token: z.string().optional(),
    /** The target it was approved for: another one that was given the same name is another target. */
    target_id: z.string().optional(),
  })
  .readonly();
export type TokenClaims = z.infer<typeof TokenClaims>;

/**
 * Reads tokens that the warden signed: their claims, or null for every other
 * text (T24). A header selects a key by being that key's own header, character
 * by character; nothing it says is interpreted. High s is refused since the
 * warden signs with low s only: every token has one text (T25).
 */
export function createTokenVerifier(
  keys: readonly KeyObject[],
  { issuer }: { readonly issuer: string },
): (token: string) => TokenClaims | null {
  const byHeader = new Map(
    keys.map((key) => [base64url(Buffer.from(JSON.stringify(protectedHeader(tokenKeyOf(key).kid)))), key]),
  );
  return (token) => {
    const parts = readCompact(token);
    const key = byHeader.get(parts?.header ?? '');
    if (parts === null || key === undefined) return null;
    if (!hasLowS(parts.signature) || !es256Holds(key, parts.signed, parts.signature)) return null;
    const claims = TokenClaims.safeParse(objectIn(parts.payload));
    return claims.success && claims.data.iss === issuer ? claims.data : null;
  };
}

/** Whether a token's own times let it pass. Whether its grant still lives is another question. */
export function isInTime({ nbf, exp }: Pick<TokenClaims, 'nbf' | 'exp'>, now: Date): boolean {
  const seconds = now.getTime() / 1000;
  return seconds < exp && seconds + SKEW_SECONDS >= nbf;
}
