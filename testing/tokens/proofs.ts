import { createHash } from 'node:crypto';
import type { KeyPair } from 'dpop';

/*
 * Only for tests: DPoP proofs as no library makes them.
 */

/** The members of a public key and no others. */
export async function publicJwkOf(key: CryptoKey): Promise<Record<string, string>> {
  const { kty = '', crv = '', x = '', y } = await crypto.subtle.exportKey('jwk', key);
  return y === undefined ? { kty, crv, x } : { kty, crv, x, y };
}

export const athOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

export const jsonPart = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A proof that says just this, by an ES256 key. What is undefined is left out. */
export async function craftedProof(pair: KeyPair, claims: object, header: object = {}): Promise<string> {
  const head = { typ: 'dpop+jwt', alg: 'ES256', jwk: await publicJwkOf(pair.publicKey), ...header };
  return craftedSignature(pair, `${jsonPart(head)}.${jsonPart(claims)}`);
}

export async function craftedSignature({ privateKey }: KeyPair, input: string): Promise<string> {
  const { name } = privateKey.algorithm;
  const algorithm = name === 'ECDSA' ? { name, hash: 'SHA-256' } : { name };
  const signature = await crypto.subtle.sign(algorithm, privateKey, Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}
