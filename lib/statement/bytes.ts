import type { z } from 'zod';
import {
  type CanonicalJson,
  canonicalText,
  DomainError,
  type Json,
  parseStrictJson,
  sha256,
  sha256Base64url,
} from '#lib/core';
import { Entry, Renewal, Statement } from './kinds';

/** Separates the domains: the hash of a statement is the hash of nothing else that a key signs. */
const DOMAIN_TAG = 'countersign/statement/v1\n';

/** Writes the canonical text whose hash a key signs. Throws a ZodError on what is no statement. */
export function sealStatement(statement: Statement): CanonicalJson {
  return canonicalText(Statement.parse(statement) as Json);
}

/** The same for what an agent's own key signs for. */
export const sealRenewal = (renewal: Renewal): CanonicalJson => canonicalText(Renewal.parse(renewal) as Json);

/** The nonce that a proof has to hold so that it agrees to just this: under a tag of its own, as people's keys sign under another. */
export const renewalNonce = (text: string): string => sha256Base64url(`countersign/renewal/v1\n${text}`);

/** Reads an entry of the chain but for the first. Throws `statement_refused` as `openStatement` does. */
export const openEntry = (text: string): Entry => openAs(Entry, text);

/** Reads one. Throws `statement_refused` as `openStatement` does. */
export const openRenewal = (text: string): Renewal => openAs(Renewal, text);

/** Reads a statement. Throws `statement_refused` unless the text is its canonical spelling, so that no text is read in two ways (T22, T23). */
export const openStatement = (text: string): Statement => openAs(Statement, text);

function openAs<T>(schema: z.ZodType<T>, text: string): T {
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
