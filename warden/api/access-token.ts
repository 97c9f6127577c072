import { createTokenVerifier, isInTime, type TokenClaims } from '#lib/tokens';
import { readClock } from '#warden/pulse';
import type { Warden } from '../context';

/** The claims of a token this warden signed whose time has not run out; null for every other text. */
export async function readAccessToken({ vault, origins, db }: Warden, text: string): Promise<TokenClaims | null> {
  const claims = createTokenVerifier([vault.publicKey], { issuer: origins.agent })(text);
  if (claims === null) return null;
  const { now } = await readClock(db);
  return isInTime(claims, now) ? claims : null;
}
