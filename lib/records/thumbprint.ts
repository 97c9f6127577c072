import { createPublicKey, type KeyObject } from 'node:crypto';
import { sha256Base64url } from '#lib/core';

/** RFC 7638 thumbprint (SHA-256, base64url) of a P-256 key: the members that make it, in this order. */
export function keyThumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return sha256Base64url(JSON.stringify({ crv, kty, x, y }));
}
