import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** `ask`: an agent's; `svc`: a resource server's, for introspection. */
export type TokenKind = 'ask' | 'svc';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = ALPHABET[Number(rest % 62n)] + text;
  return text;
}

const checksum = (body: string): string => base62(BigInt(crc32(body)), 6);

/**
 * A new secret: `cs_ask_` + 43 base62 characters (256 bits) + 6 of CRC-32 over
 * all before. The fixed prefix lets secret scanners find it; the checksum tells
 * a mistyped token from a wrong one without a database.
 */
export function checksummedToken(kind: TokenKind): string {
  const body = `cs_${kind}_${base62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43)}`;
  return body + checksum(body);
}

/** Whether the text is a whole, unmistyped token of that kind. Says nothing of whether it is known. */
export function looksLikeToken(kind: TokenKind, text: string): boolean {
  const match = new RegExp(`^(cs_${kind}_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$`).exec(text);
  return match?.[1] !== undefined && checksum(match[1]) === match[2];
}
