import type { Json } from './canonical';
import { DomainError } from './errors';

const MAX_DEPTH = 64;
/** Above any honest body. A million empty objects would cost half a second (T68). */
const MAX_VALUES = 100_000;

const refuseJson = (detail: string): never => {
  throw new DomainError('invalid_json', detail);
};

/**
 * Parses JSON and refuses what two parsers read in two ways (T22): duplicate
 * keys, `__proto__`, lone surrogates, NUL, numbers too large for a double,
 * nesting past 64, a byte-order mark; and more than `maxValues` values (T68).
 */
export function parseStrictJson(text: string, maxValues = MAX_VALUES): Json {
  // Before JSON.parse builds anything: the limits bound its work.
  scan(text, maxValues);
  const value = parse(text);
  checkValue(value, 0);
  return value;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return refuseJson('The body is not JSON.');
  }
}

function checkValue(value: Json, depth: number): void {
  if (depth > MAX_DEPTH) refuseJson(`JSON is nested more than ${MAX_DEPTH} deep.`);
  if (typeof value === 'string') checkString(value);
  // 1e400 is a number to one reader, infinite to another, and null once it is written again.
  if (typeof value === 'number' && !Number.isFinite(value)) refuseJson('A JSON number is too large.');
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    for (const child of value as readonly Json[]) checkValue(child, depth + 1);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    checkString(key);
    if (key === '__proto__') refuseJson('The key "__proto__" is not allowed.');
    checkValue(child, depth + 1);
  }
}

function checkString(text: string): void {
  if (!text.isWellFormed()) refuseJson('A JSON string is not well-formed Unicode.');
  if (text.includes('\0')) refuseJson('A JSON string contains a NUL character.');
}

/**
 * Scans the text once for duplicate keys, depth and number of values. It need
 * not be JSON: `JSON.parse` finds that out afterwards. Each `{` opens a set of
 * keys, a string before a `:` is a key, brackets and commas count the values.
 */
function scan(text: string, maxValues: number): void {
  const open: Array<Set<string> | '{' | '['> = [];
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') {
      const end = endOfString(text, at);
      const next = afterSpace(text, end + 1);
      if (text.charAt(next) === ':') addKey(open, keyIn(text.slice(at, end + 1)));
      at = end;
    } else if (char === '{' || char === '[') {
      if (open.push(char) > MAX_DEPTH + 1) refuseJson(`JSON is nested more than ${MAX_DEPTH} deep.`);
      values += 1;
    } else if (char === '}' || char === ']') open.pop();
    else if (char === ',') values += 1;
    if (values > maxValues) refuseJson(`JSON has more than ${maxValues} values.`);
  }
}

/** The index of the quote that closes the string. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '"') return at;
  }
  return text.length;
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (' \t\n\r'.includes(text.charAt(at)) && at < text.length) at += 1;
  return at;
}

/** The key unescaped, since "\u0061" and "a" are one key. */
function keyIn(quoted: string): string {
  return quoted.includes('\\') ? String(parse(quoted)) : quoted.slice(1, -1);
}

/** Makes an object's set with its first key, so that a flood of empty objects costs no sets (T68). */
function addKey(open: Array<Set<string> | '{' | '['>, key: string): void {
  const last = open.at(-1);
  if (last === undefined || last === '[') return;
  const keys = last === '{' ? new Set<string>() : last;
  if (keys.has(key)) refuseJson('A JSON object names the same key twice.');
  keys.add(key);
  open[open.length - 1] = keys;
}
