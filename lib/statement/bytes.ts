import { type CanonicalJson, canonicalText, DomainError, type Json, parseStrictJson, sha256 } from '#lib/core';
import { Statement } from './kinds';

/** Separates the domains: the hash of a statement is the hash of nothing else that a key signs. */
const DOMAIN_TAG = 'countersign/statement/v1\n';

/** Writes the canonical text whose hash a key signs. Throws a ZodError on what is no statement. */
export function sealStatement(statement: Statement): CanonicalJson {
  return canonicalText(Statement.parse(statement) as Json);
}

/** Reads a statement. Throws `statement_refused` unless the text is its canonical spelling, so that no text is read in two ways (T22, T23). */
export function openStatement(text: string): Statement {
  try {
    const value = parseStrictJson(text);
    if (canonicalText(value) !== text) throw new DomainError('statement_refused', 'Not canonical.');
    return Statement.parse(value);
  } catch (cause) {
    throw new DomainError('statement_refused', 'The statement is not valid.', { cause });
  }
}

/** The WebAuthn challenge: SHA-256 over the domain tag and the text. */
export const challengeOf = (text: CanonicalJson | string): Uint8Array => sha256(DOMAIN_TAG + text);

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The first 40 bits of the challenge as `XXXX-XXXX`, for people to compare on a second screen. */
export function shortCode(challenge: Uint8Array): string {
  let bits = 0n;
  for (const byte of challenge.subarray(0, 5)) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let shift = 35n; shift >= 0n; shift -= 5n) text += CROCKFORD[Number((bits >> shift) & 31n)];
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}
