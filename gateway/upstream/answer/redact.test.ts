import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactor } from './redact';

/*
 * T34: whatever a provider does to its secret before it sends it back, the agent
 * gets none of it.
 */

const secrets = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 8,
  maxLength: 60,
});

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, '0');

/** How encoders write one character. */
const ESCAPES: readonly ((character: string) => string)[] = [
  (one) => one,
  (one) => (/["'/]/.test(one) ? `\\${one}` : one),
  (one) => `\\u00${hex(one)}`,
  (one) => `\\u00${hex(one).toUpperCase()}`,
  (one) => `\\\\u00${hex(one)}`,
  (one) => `\\x${hex(one)}`,
  (one) => `%${hex(one)}`,
  (one) => `%${hex(one).toUpperCase()}`,
  (one) => `%25${hex(one)}`,
  (one) => `&#${one.charCodeAt(0)};`,
  (one) => `&#x${hex(one)};`,
  (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[one] ?? one,
];

/** The secret with each character in some spelling. */
const spelled = (secret: string): fc.Arbitrary<string> =>
  fc
    .array(fc.nat(ESCAPES.length - 1), { minLength: secret.length, maxLength: secret.length })
    .map((how) => [...secret].map((one, index) => ESCAPES[how[index] ?? 0]?.(one) ?? one).join(''));

const count = (secret: string) => {
  let found = 0;
  const looking = redactor(secret, () => {
    found += 1;
  });
  return { ...looking, found: () => found };
};

/** As `stream` gives it, cut at these places. */
function inChunks(secret: string, text: string, cuts: readonly number[]): string {
  const looking = redactor(secret, () => undefined).stream();
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  const parts = places.slice(1).map((end, index) => looking.push(Buffer.from(text.slice(places[index], end))));
  return Buffer.concat([...parts, looking.end()]).toString();
}

const K = 'pk+live/7d&41c"9f';

describe('the redactor', () => {
  test.each([
    ['as it is', K],
    ['as JSON', JSON.stringify(K).slice(1, -1)],
    ['as PHP writes JSON', K.replaceAll('/', '\\/').replaceAll('"', '\\"')],
    ['as .NET and Go write JSON', 'pk\\u002Blive/7d\\u002641c\\u00229f'],
    ['in a JSON text in a JSON text', JSON.stringify(JSON.stringify(K).slice(1, -1)).slice(1, -1)],
    ['in an address', encodeURIComponent(K)],
    ['in an address, lower-case escapes', 'pk%2blive%2f7d%2641c%229f'],
    ['twice in an address', encodeURIComponent(encodeURIComponent(K))],
    ['in HTML', 'pk+live/7d&amp;41c&quot;9f'],
    ['in HTML by number', 'pk&#43;live&#x2F;7d&#38;41c&#034;9f'],
    ['in hexadecimal', Buffer.from(K).toString('hex').toUpperCase()],
    ['after what only begins like an escape', `%${K}`],
    ['after a backslash', `\\${K}`],
  ])('takes the secret out %s', (_, shape) => {
    const { text, found } = count(K);
    const clean = text(`{"before":"${shape}","after":1}`);
    expect(clean).not.toContain(shape);
    expect(clean).toContain('[redacted]');
    expect(found()).toBe(1);
  });

  test.each([0, 1, 2, 3])('takes it out of base64 with %i bytes before it', (before) => {
    const packed = Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from(K), Buffer.from('yyy')]).toString('base64');
    const clean = redactor(K, () => undefined).text(packed);
    expect(clean).toContain('[redacted]');
    // Up to a character on each side is shared with what stands beside it.
    expect(Buffer.from(clean.replace('[redacted]', '.'), 'base64').toString()).not.toContain(K.slice(2, -2));
  });

  test('no spelling of any secret survives, whichever escapes are mixed', () => {
    fc.assert(
      fc.property(
        secrets.chain((secret) => fc.tuple(fc.constant(secret), spelled(secret))),
        ([secret, shape]) => {
          expect(redactor(secret, () => undefined).text(`"${shape}"`)).toBe('"[redacted]"');
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a body in pieces comes out as the same body whole, wherever it is cut', () => {
    fc.assert(
      fc.property(
        secrets.chain((secret) =>
          fc.tuple(
            fc.constant(secret),
            fc.array(fc.oneof(spelled(secret), fc.constant(secret.slice(0, -1)), fc.string({ maxLength: 9 }))),
          ),
        ),
        fc.array(fc.nat(2_000), { maxLength: 12 }),
        ([secret, parts], cuts) => {
          const text = parts.join('');
          expect(inChunks(secret, text, cuts)).toBe(redactor(secret, () => undefined).text(text));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a byte at a time, nothing of the secret comes out early', () => {
    const looking = redactor(K, () => undefined).stream();
    const out = [...`data: ${encodeURIComponent(K)}\n\n`].map((one) => looking.push(Buffer.from(one)).toString());
    expect(out.join('')).toBe('data: [redacted]\n\n');
  });

  test('an event is passed at its line break and waits for nothing', () => {
    const looking = redactor(K, () => undefined).stream();
    expect(looking.push(Buffer.from('data: {"n":1}\n\n')).toString()).toBe('data: {"n":1}\n\n');
  });

  test('bytes that are no text pass unchanged', () => {
    const bytes = Buffer.from(Array.from({ length: 1_024 }, (_, index) => (index * 7) % 256));
    const looking = redactor(K, () => undefined).stream();
    expect(
      Buffer.concat([looking.push(bytes.subarray(0, 500)), looking.push(bytes.subarray(500)), looking.end()]),
    ).toEqual(bytes);
  });

  test.each([
    ['the secret', K],
    ['the secret but for its end', K.slice(0, -1)],
    ['backslashes', '\\'],
    ['ampersands', '&amp;'],
    ['percent signs', '%25'],
  ])('a megabyte of %s again and again is read once, not once for each of its letters', (_, text) => {
    const clean = redactor(K, () => undefined).whole(Buffer.from(text.repeat(1_048_576 / text.length)));
    expect(clean.includes(K)).toBe(false);
  });

  test('a secret of a thousand characters is found too', () => {
    const long = `eyJ${Buffer.alloc(900, 'claims!').toString('base64')}`;
    expect(redactor(long, () => undefined).text(`<${long}>`)).toBe('<[redacted]>');
  });

  test('a secret so short that it is in half of all answers is refused', () => {
    expect(() => redactor('1234567', () => undefined)).toThrow('too short');
  });
});
