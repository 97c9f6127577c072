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

/**
 * JSON.parse that refuses what two parsers read in two ways (T22): duplicate
 * keys, `__proto__`, lone surrogates, NUL, nesting past 64, a byte-order mark.
 */
export function parseStrictJson(text: string): Json {
  const value = parse(text);
  checkText(value, 0);
  if (hasDuplicateKeys(text)) throw new DomainError('invalid_json', 'A JSON object names the same key twice.');
  return value;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new DomainError('invalid_json', 'The body is not JSON.');
  }
}

function checkText(value: Json, depth: number): void {
  if (depth > MAX_DEPTH) throw new DomainError('invalid_json', `JSON is nested more than ${MAX_DEPTH} deep.`);
  if (typeof value === 'string') checkString(value);
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) {
    if (!Array.isArray(value)) checkString(key);
    if (key === '__proto__') throw new DomainError('invalid_json', 'The key "__proto__" is not allowed.');
    checkText(child as Json, depth + 1);
  }
}

function checkString(text: string): void {
  if (!text.isWellFormed()) throw new DomainError('invalid_json', 'A JSON string is not well-formed Unicode.');
  if (text.includes('\0')) throw new DomainError('invalid_json', 'A JSON string contains a NUL character.');
}

/**
 * Walks text already known to be JSON. Each `{` opens a set of keys; a string
 * followed by `:` is a key. Keys compare after unescaping: "\u0061" is "a".
 */
function hasDuplicateKeys(text: string): boolean {
  const open: Array<Set<string> | null> = [];
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found, colon] = match;
    if (found === '{') open.push(new Set());
    else if (found === '[') open.push(null);
    else if (found === '}' || found === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(found.slice(0, -colon.length)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return true;
      keys?.add(key);
    }
  }
  return false;
}
