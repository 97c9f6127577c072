import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { base64url, type Json, parseStrictJson } from '#lib/core';
import { publicKeyOf, type TokenClaims } from './sign';

/*
 * The same two checks as jose's, on node:crypto alone, for the one path where
 * they are most of the work. Their tests hold them against jose and against
 * vectors: this is no second opinion of what a token is.
 */

/** An agent's public key from its JWK. Throws where it is none. */
export const publicKeyFrom = (jwk: unknown): KeyObject => createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });

const Part = /^[A-Za-z0-9_-]+$/;

interface Parts {
  readonly header: string;
  readonly payload: string;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Three parts of base64url and nothing else; one spelling each. */
function partsOf(token: string): Parts | null {
  const parts = token.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3 || !parts.every((part) => Part.test(part))) return null;
  const bytes = Buffer.from(signature, 'base64url');
  if (bytes.length !== 64 || base64url(bytes) !== signature) return null;
  return { header, payload, signed: Buffer.from(`${header}.${payload}`, 'ascii'), signature: bytes };
}

function jsonIn(part: string): Json | null {
  try {
    return parseStrictJson(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

const Claims = z.object({
  iss: z.string(),
  sub: z.string(),
  client_id: z.string(),
  aud: z.string(),
  jti: z.string(),
  iat: z.number(),
  nbf: z.number(),
  exp: z.number(),
  authorization_details: z
    .array(
      z.object({
        type: z.literal('countersign'),
        locations: z.array(z.string()),
        actions: z.array(z.string()),
        resources: z.array(z.string()),
        max_uses: z.number().optional(),
      }),
    )
    .length(1),
  cnf: z.object({ jkt: z.string() }).optional(),
  ask_token: z.string().optional(),
  target_id: z.string().optional(),
});

/** Opens tokens this warden signed; null for every other text (T24). Whether they still count is not asked here. */
export async function tokenReader(
  signingKey: KeyObject,
  issuer: string,
): Promise<(token: string) => TokenClaims | null> {
  const key = createPublicKey(signingKey);
  const { kid } = await publicKeyOf(signingKey);
  // We sign with this one header, in this one spelling: no other is ours.
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid })).toString('base64url');
  return (token) => {
    const parts = partsOf(token);
    if (parts === null || parts.header !== header) return null;
    if (!verify('sha256', parts.signed, { key, dsaEncoding: 'ieee-p1363' }, parts.signature)) return null;
    const claims = Claims.safeParse(jsonIn(parts.payload));
    return claims.success && claims.data.iss === issuer ? (claims.data as TokenClaims) : null;
  };
}

/** What a DPoP proof says of itself, its signature made by the key it should be made by. */
export interface Proof {
  readonly [claim: string]: Json;
}

const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  ec: ['ES256'],
  ed25519: ['EdDSA', 'Ed25519'],
};

/**
 * Opens a DPoP proof (RFC 9449 §4.3, steps 2 to 7), or null. The key is the one
 * the agent is known by: the one in the header has to be it, and is not used.
 */
export function readProofOf(key: KeyObject, thumbprint: string, proof: string): Proof | null {
  const parts = proof.length > 4_096 ? null : partsOf(proof);
  const header = parts === null ? null : jsonIn(parts.header);
  if (parts === null || !isObject(header)) return null;
  const { typ, alg, jwk, ...rest } = header;
  if (typ !== 'dpop+jwt' || typeof alg !== 'string' || Object.keys(rest).length > 0) return null;
  if (!(ALGORITHMS[key.asymmetricKeyType ?? ''] ?? []).includes(alg)) return null;
  if (jwk === undefined || !isObject(jwk) || 'd' in jwk || thumbprintOf(jwk) !== thumbprint) return null;
  const by = alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
  if (!verify(alg === 'ES256' ? 'sha256' : null, parts.signed, by, parts.signature)) return null;
  const payload = jsonIn(parts.payload);
  return isObject(payload) ? payload : null;
}

/** RFC 7638 §3.2: the members that make the key, in this order. */
function thumbprintOf(jwk: { readonly [name: string]: Json }): string {
  const { crv, kty, x, y } = jwk;
  const members = y === undefined ? { crv, kty, x } : { crv, kty, x, y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

const isObject = (value: Json | null): value is { readonly [name: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
