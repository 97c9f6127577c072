import type { z } from 'zod';
import { type CanonicalJson, canonicalText, DomainError, type Json, parseStrictJson, sha256 } from '#lib/core';
import { Statement } from './kinds';

/** Separates the domains: the hash of a statement is the hash of nothing else that a key signs. */
const DOMAIN_TAG = 'countersign/statement/v1\n';

/** Writes the canonical text whose hash a key signs. Throws a ZodError on what is no statement. */
export function sealStatement(statement: Statement): CanonicalJson {
  return canonicalText(Statement.parse(statement) as Json);
}

/** Reads a statement. Throws `statement_refused` unless the text is its canonical spelling, so that no text is read in two ways (T22, T23). */
export const openStatement = (text: string): Statement => openAs(Statement, text);

/** Reads what is in its one spelling. Throws `statement_refused`. */
export function openAs<T>(schema: z.ZodType<T>, text: string): T {
  try {
    const value = parseStrictJson(text);
    if (canonicalText(value) !== text) throw new DomainError('statement_refused', 'Not canonical.');
    return schema.parse(value);
  } catch (cause) {
    throw new DomainError('statement_refused', 'The statement is not valid.', { cause });
  }
}

/** The WebAuthn challenge: SHA-256 over the domain tag and the text. */
export const challengeOf = (text: CanonicalJson | string): Uint8Array => sha256(DOMAIN_TAG + text);
