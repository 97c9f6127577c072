import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { refuse, sha256Base64url } from '#lib/core';

/** RFC 7638, SHA-256, base64url; null where the JWK is none of a P-256 or Ed25519 key. */
export function thumbprintOf(jwk: unknown): string | null {
  const members = membersOf(jwk);
  return members === null ? null : sha256Base64url(JSON.stringify(members));
}

/** The members that make a key, in the order of RFC 7638 §3.2. All others are dropped. */
function membersOf(jwk: unknown): Readonly<Record<string, string>> | null {
  if (typeof jwk !== 'object' || jwk === null) return null;
  const { crv, kty, x, y } = jwk as Readonly<Record<string, unknown>>;
  if (!isText(x)) return null;
  if (kty === 'EC' && crv === 'P-256' && isText(y)) return { crv, kty, x, y };
  return kty === 'OKP' && crv === 'Ed25519' ? { crv, kty, x } : null;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The thumbprint of an agent's public JWK as stored; null where the agent has none. Throws `invalid_request` for anything else. */
export function jwkThumbprint(jwk: unknown): string | null {
  if (jwk === null || jwk === undefined) return null;
  return thumbprintOf(jwk) ?? refuse('invalid_request', 'The agent’s public key is not a valid JWK.');
}

/** The key an agent makes its proofs with. */
export interface ProofKey {
  readonly key: KeyObject;
  readonly thumbprint: string;
}

/** The same for an agent that is to prove its key. */
export function proofKeyOf(jwk: unknown): ProofKey | null {
  const thumbprint = jwkThumbprint(jwk);
  return thumbprint === null ? null : { thumbprint, key: createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }) };
}

/** A key that verifies tokens, as a JWK Set shows it (RFC 7517 §5). */
export interface TokenKey {
  /** The key's own thumbprint: it can name no other key. */
  readonly kid: string;
  readonly jwk: { readonly [member: string]: string };
}

/** The warden's public key under its `kid`. Throws for any key but one of P-256. */
export function tokenKeyOf(key: KeyObject): TokenKey {
  const { kty = '', crv = '', x = '', y = '' } = key.export({ format: 'jwk' });
  const kid = kty === 'EC' ? thumbprintOf({ kty, crv, x, y }) : null;
  if (kid === null) throw new Error('Tokens are signed with a P-256 key.');
  return { kid, jwk: { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' } };
}
