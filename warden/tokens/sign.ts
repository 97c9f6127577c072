import { createPublicKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { base64url } from '#lib/core';
import { protectedHeader, type TokenClaims, tokenKeyOf, withLowS } from '#lib/tokens';

/** A JWT access token (RFC 9068), ES256. */
export async function signToken(signingKey: KeyObject, claims: TokenClaims): Promise<string> {
  const { kid } = tokenKeyOf(createPublicKey(signingKey));
  return spelledOnce(await new SignJWT({ ...claims }).setProtectedHeader(protectedHeader(kid)).sign(signingKey));
}

/** The library leaves s as it falls; our verifier takes the low one only (T25). */
function spelledOnce(token: string): string {
  const end = token.lastIndexOf('.') + 1;
  return token.slice(0, end) + base64url(withLowS(Buffer.from(token.slice(end), 'base64url')));
}
