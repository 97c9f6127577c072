import canonicalize from 'canonicalize';
import { sha256Base64url } from './digest';
import { DomainError } from './errors';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A text that `canonicalText` wrote. */
export type CanonicalJson = string & { readonly canonical: unique symbol };

const MAX_DEPTH = 64;

/**
 * Writes canonical JSON (RFC 8785). Throws `invalid_json` on lone surrogates,
 * NaN, undefined and nesting past 64: they have no canonical form.
 */
export function canonicalText(value: Json): CanonicalJson {
  checkDepth(value, 0);
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new DomainError('invalid_json', 'The value has no canonical JSON form.', { cause });
  }
  if (text === undefined) throw new DomainError('invalid_json', 'The value has no canonical JSON form.');
  return text as CanonicalJson;
}

function checkDepth(value: Json, depth: number): void {
  if (depth > MAX_DEPTH) throw new DomainError('invalid_json', `JSON is nested more than ${MAX_DEPTH} deep.`);
  if (value === null || typeof value !== 'object') return;
  for (const child of Object.values(value)) checkDepth(child as Json, depth + 1);
}

/** SHA-256 of any value's canonical JSON. */
export const digestOf = (value: unknown): string => sha256Base64url(canonicalText(value as Json));
