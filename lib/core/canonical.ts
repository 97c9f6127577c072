import canonicalize from 'canonicalize';
import { DomainError } from './errors';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Text in RFC 8785 form. */
export type CanonicalJson = string & { readonly canonical: unique symbol };

const MAX_DEPTH = 64;

/**
 * RFC 8785 canonical JSON. Throws `invalid_json` on what has no canonical
 * form: lone surrogates, NaN, undefined, nesting past 64.
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
