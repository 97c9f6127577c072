import { calculateJwkThumbprint, type JWK } from 'jose';
import { refuse } from '#lib/core';

/** Computes the RFC 7638 thumbprint (SHA-256, base64url) of an agent's stored public JWK; null where the agent has none. */
export async function jwkThumbprint(jwk: unknown): Promise<string | null> {
  if (jwk === null || jwk === undefined) return null;
  try {
    return await calculateJwkThumbprint(jwk as JWK, 'sha256');
  } catch (cause) {
    return refuse('invalid_request', 'The agent’s public key is not a valid JWK.', { cause });
  }
}
