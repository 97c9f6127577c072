import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, exportJWK, type JWK, jwtVerify, SignJWT } from 'jose';

/*
 * The warden's only file that imports jose. The library checks signatures and
 * times; what a token must say is decided by its callers.
 */

/** The public half of the key that signs tokens, as a JWK Set shows it. */
interface PublicKey {
  readonly kid: string;
  readonly jwk: JWK;
}

/** `kid` is the key's own thumbprint (RFC 7638): it can name no other key. */
export async function publicKeyOf(signingKey: KeyObject): Promise<PublicKey> {
  const { kty, crv, x, y } = (await exportJWK(createPublicKey(signingKey))) as JWK & { x: string; y: string };
  const jwk = { kty, crv, x, y } as JWK;
  const kid = await calculateJwkThumbprint(jwk, 'sha256');
  return { kid, jwk: { ...jwk, kid, alg: 'ES256', use: 'sig' } };
}

/** RFC 9396: what the token is good for, in the words that were approved. */
interface AuthorizationDetail {
  readonly type: 'countersign';
  readonly locations: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** How often introspection says yes, where uses are counted. */
  readonly max_uses?: number;
}

/** RFC 9068 §2.2, and RFC 9449 §6 where the agent has a key. */
export interface TokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly client_id: string;
  readonly aud: string;
  readonly jti: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly authorization_details: readonly AuthorizationDetail[];
  readonly cnf?: { readonly jkt: string };
  /** SHA-256 of the ask token it was approved for: a token for our own gateway dies with that one. */
  readonly ask_token?: string;
  /** The target it was approved for: another one that was given the same name is another target. */
  readonly target_id?: string;
}

/** A JWT access token (RFC 9068), ES256. */
export async function signToken(signingKey: KeyObject, claims: TokenClaims): Promise<string> {
  const { kid } = await publicKeyOf(signingKey);
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid }).sign(signingKey);
}

/**
 * The claims of a token this warden signed, or null: one algorithm, one key, one
 * type, whatever the header says (T24). Its text is no identity, since one
 * token has many spellings: go by `jti` (T25).
 */
export async function readToken(
  signingKey: KeyObject,
  token: string,
  expected: { readonly issuer: string; readonly now: Date },
): Promise<TokenClaims | null> {
  try {
    const { payload } = await jwtVerify<TokenClaims>(token, createPublicKey(signingKey), {
      algorithms: ['ES256'],
      typ: 'at+jwt',
      issuer: expected.issuer,
      requiredClaims: ['jti', 'sub', 'aud', 'exp', 'authorization_details'],
      currentDate: expected.now,
    });
    return payload;
  } catch {
    return null;
  }
}

/** What a DPoP proof says once its own signature holds. */
interface DpopProof {
  readonly payload: { readonly [claim: string]: unknown };
  /** RFC 7638 of the key inside it. */
  readonly thumbprint: string;
}

/** Opens a DPoP proof (RFC 9449 §4.3, steps 2 to 6), or null. Whose the key is, is the caller's question. */
export async function readProof(proof: string): Promise<DpopProof | null> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: ['ES256', 'EdDSA', 'Ed25519'],
      typ: 'dpop+jwt',
      // `iat` alone counts, and the caller holds it against the database's clock.
      currentDate: new Date(0),
      clockTolerance: Number.MAX_SAFE_INTEGER,
    });
    const { jwk } = protectedHeader;
    if (jwk === undefined || 'd' in jwk) return null;
    return { payload, thumbprint: await calculateJwkThumbprint(jwk, 'sha256') };
  } catch {
    return null;
  }
}
