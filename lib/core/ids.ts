import { randomBytes, randomInt } from 'node:crypto';

/** What an id names. */
export type IdPrefix =
  | 'agt'
  | 'hum'
  | 'key'
  | 'tgt'
  | 'req'
  | 'apr'
  | 'grn'
  | 'evt'
  | 'ses'
  | 'drf'
  | 'inv'
  | 'frz'
  | 'gwi'
  | 'ord'
  | 'prb'
  | 'lok';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Makes a prefixed id of 100 random bits in lower-case Crockford base32,
 * `req_4k7n…`: nobody guesses it, it need not be kept secret, and it is safe
 * inside an SQL identifier.
 */
export function newId<P extends IdPrefix>(prefix: P): `${P}_${string}` {
  let text = '';
  for (let i = 0; i < 20; i += 1) text += ALPHABET[randomInt(32)];
  return `${prefix}_${text}`;
}

/** `bytes` random bytes as base64url: for secrets and nonces. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString('base64url');
