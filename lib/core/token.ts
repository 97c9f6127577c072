import { randomBytes } from 'node:crypto';
import { crc32 } from './crc32';

/** `ask` is an agent's token, `col` what it collects with, `svc` a resource server's for introspection. */
export type TokenKind = 'ask' | 'col' | 'svc';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = ALPHABET[Number(rest % 62n)] + text;
  return text;
}

const checksum = (body: string): string => base62(BigInt(crc32(body)), 6);

/**
 * Makes a secret: `cs_ask_`, 43 base62 characters (256 bits), and the CRC-32 of
 * all that in six more. Secret scanners find it by its prefix; the checksum
 * refuses a mistyped token without asking the database.
 */
export function checksummedToken(kind: TokenKind): string {
  const body = `cs_${kind}_${base62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43)}`;
  return body + checksum(body);
}

/** Whether the text has the form and the checksum of such a token. Whether it was ever given out, the database knows. */
export function looksLikeToken(kind: TokenKind, text: string): boolean {
  const match = new RegExp(`^(cs_${kind}_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$`).exec(text);
  return match?.[1] !== undefined && checksum(match[1]) === match[2];
}
