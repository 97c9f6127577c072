import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, type Json, parseStrictJson } from './index';

const VECTORS = '../shared/vectors/jcs';
const read = (folder: string, name: string): string => readFileSync(join(VECTORS, folder, name), 'utf8');

describe.skipIf(!existsSync(VECTORS))(`the vectors of RFC 8785’s authors (skipped where ${VECTORS} is absent)`, () => {
  test.each(existsSync(VECTORS) ? readdirSync(join(VECTORS, 'input')) : [])('%s', (name) => {
    const text = canonicalText(parseStrictJson(read('input', name)));
    expect(text).toBe(read('output', name).trimEnd());
    const hex = read('outhex', name.replace('.json', '.txt')).replace(/\s/g, '');
    expect(Buffer.from(text).toString('hex')).toBe(hex);
  });
});

/** JSON values without what strict parsing refuses. */
const json = fc
  .jsonValue({ maxDepth: 5, stringUnit: 'grapheme' })
  .filter((value) => !/\\u0000|__proto__/.test(JSON.stringify(value)))
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe('canonical JSON', () => {
  test('is read back to the same value, and that to the same text', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalText(value);
        expect(parseStrictJson(text)).toEqual(value);
        expect(canonicalText(parseStrictJson(text))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test('does not depend on the order or spacing it came in (T23)', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__' && !key.includes('\0')),
          json,
        ),
        (value) => {
          const reversed = Object.fromEntries(Object.entries(value).reverse());
          expect(canonicalText(reversed)).toBe(canonicalText(value));
          expect(canonicalText(parseStrictJson(JSON.stringify(reversed, null, 2)))).toBe(canonicalText(value));
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a lone surrogate', '\uD800'],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['nothing', undefined],
    ['what is too deep', Array.from({ length: 5_000 }).reduce<Json>((inner) => [inner], null)],
  ])('has no form for %s (T23, T68)', (_name, value) => {
    expect(() => canonicalText(value as Json)).toThrow(expect.objectContaining({ code: 'invalid_json' }));
  });
});

describe('strict parsing', () => {
  test.each([
    ['a key named twice', '{"a":1,"a":2}'],
    ['a key named twice, once in escapes', '{"a":1,"\\u0061":2}'],
    ['a key named twice, deep inside', '[{"x":{"b":1,"c":[{}],"b":2}}]'],
    ['a key named twice with a space before the colon', '{"a" :1,"a"\n:2}'],
    ['NUL in a string', '{"a":"\\u0000"}'],
    ['NUL in a key', '{"\\u0000":1}'],
    ['a lone surrogate', '["\\ud800"]'],
    ['a prototype', '{"__proto__":{"admin":true}}'],
    ['a byte-order mark', '\uFEFF{}'],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{/**/}'],
    ['two values', '{}{}'],
    ['nothing', ''],
    ['single quotes', "{'a':1}"],
    ['sixty-five levels', `${'['.repeat(66)}${']'.repeat(66)}`],
    ['a value sixty-five levels down', `${'['.repeat(65)}1${']'.repeat(65)}`],
    ['a million levels, which is no JSON either', '['.repeat(1_000_000)],
    ['a number that is infinite to whoever reads it', '{"a":1e400}'],
    ['one that is infinite the other way', '[-1e400]'],
    ['a string that does not end', '{"a'],
    ['an escape that does not end', '{"a\\'],
    ['a key with an unknown escape', '{"\\x":1}'],
    ['more values than anybody sends', `[${'{},'.repeat(100_000)}{}]`],
    ['more members than anybody sends', `{${Array.from({ length: 100_001 }, (_, at) => `"${at}":1`).join()}}`],
  ])('refuses %s (T22)', (_name, text) => {
    expect(() => parseStrictJson(text)).toThrow(expect.objectContaining({ code: 'invalid_json' }));
  });

  test.each([
    ['the same key in two objects', '[{"a":1},{"a":2}]'],
    ['the same key on two levels', '{"a":{"a":1}}'],
    ['braces, quotes and colons inside strings', '{"a":"{\\"a\\":1,\\"a\\":2}","b":"}:{","c":["\\\\","a"]}'],
    ['a hundred and more in one list', `[${'0,'.repeat(90_000)}0]`],
    ['a string of fifteen million escapes', `["${'\\n'.repeat(15_000_000)}"]`],
    ['an escaped quote and a backslash at the end of a key', '{"a\\"":1,"a\\\\":2,"a":3}'],
    ['numbers at the ends of what there is', '[1.7976931348623157e308,5e-324,-0,1e-400]'],
    ['keys that differ in case', '{"a":1,"A":2}'],
  ])('takes %s', (_name, text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  test('takes whatever JSON.stringify writes, and reads it as JSON.parse does', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(parseStrictJson(JSON.stringify(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test('finds a doubled key wherever it is put', () => {
    fc.assert(
      fc.property(json, fc.string({ minLength: 1 }), (value, key) => {
        const name = JSON.stringify(key);
        const text = `{"outer":[${JSON.stringify(value)},{${name}:1,"between":${JSON.stringify(value)},${name}:2}]}`;
        expect(() => parseStrictJson(text)).toThrow();
      }),
      { numRuns: 300 },
    );
  });
});
