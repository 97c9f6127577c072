import { type CanonicalJson, canonicalText, DomainError, type Json, parseStrictJson, sha256 } from '#lib/core';
import { Statement } from './kinds';

/** Keeps a statement's hash from ever being the hash of anything else. */
const DOMAIN_TAG = 'countersign/statement/v1\n';

/** The bytes a key signs, as text. */
export function sealStatement(statement: Statement): CanonicalJson {
  return canonicalText(Statement.parse(statement) as Json);
}

/** The statement in these bytes. Throws `statement_refused` unless they are its one canonical spelling. */
export function openStatement(text: string): Statement {
  try {
    const value = parseStrictJson(text);
    if (canonicalText(value) !== text) throw new DomainError('statement_refused', 'Not canonical.');
    return Statement.parse(value);
  } catch (cause) {
    throw new DomainError('statement_refused', 'The statement is not valid.', { cause });
  }
}

/** WebAuthn challenge: SHA-256 over the domain tag and the bytes. */
export const challengeOf = (text: CanonicalJson | string): Uint8Array => sha256(DOMAIN_TAG + text);
