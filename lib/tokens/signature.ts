import { type KeyObject, verify } from 'node:crypto';

/*
 * The only place where the signature of a token or a proof is verified.
 */

/** The order of P-256 (FIPS 186-5). */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_N = Buffer.from((N >> 1n).toString(16).padStart(64, '0'), 'hex');

/** R and S, or Ed25519's 64 bytes (RFC 7518 §3.4, RFC 8037 §3.1). */
const SIGNATURE_BYTES = 64;

/** Whether a P-256 key made this signature over these bytes. Either of its two values of s will do. */
export function es256Holds(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1' || signature.length !== SIGNATURE_BYTES) return false;
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** Whether an Ed25519 key made this signature over these bytes. */
export function ed25519Holds(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  if (key.asymmetricKeyType !== 'ed25519' || signature.length !== SIGNATURE_BYTES) return false;
  return verify(null, signed, key, signature);
}

/** Whether s is the lower one of the two that verify: s, and n − s. */
export const hasLowS = (signature: Uint8Array): boolean => Buffer.compare(signature.subarray(32), HALF_N) <= 0;

/** The same signature with the lower s: the one spelling of it that our tokens have. */
export function withLowS(signature: Uint8Array): Uint8Array {
  if (hasLowS(signature)) return signature;
  const s = N - BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
}
