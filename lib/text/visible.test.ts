import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confusable, formatDuration, plainIdentifier, visible } from './index';

const escapeOf = (point: number): string => `\\u{${point.toString(16).toUpperCase()}}`;

/** Every code point that exists, without surrogates. */
function* points(): Generator<number> {
  for (let point = 0; point <= 0x10ffff; point += 1) if (point < 0xd800 || point > 0xdfff) yield point;
}

describe('visible text (T20)', () => {
  test('spells out every control, format, bidi, tag, variation, filler and unassigned code point there is', () => {
    const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]|[^\P{Zs} ]/u;
    const missed: string[] = [];
    let seen = 0;
    for (const point of points()) {
      const char = String.fromCodePoint(point);
      if (!hidden.test(char)) continue;
      seen += 1;
      if (visible(`a${char}b`) !== `a${escapeOf(point)}b`) missed.push(escapeOf(point));
    }
    expect(seen).toBeGreaterThan(900_000);
    expect(missed).toEqual([]);
  });

  test('shows what can be seen as it is', () => {
    for (const text of [
      'plain text',
      'Ärger über Öl',
      '日本語',
      'русский',
      '𝒜 🙂 ✓',
      'a/b.c_d-1',
      '<b>&amp;</b>',
      'e\u0301',
    ])
      expect(visible(text)).toBe(text);
  });

  test('keeps line breaks and tabs only where a text may have lines', () => {
    expect(visible('a\nb\tc')).toBe('a\\u{A}b\\u{9}c');
    expect(visible('a\nb\tc', { multiline: true })).toBe('a\nb\tc');
    expect(visible('a\rb\u2028c\u0085d', { multiline: true })).toBe('a\\u{D}b\\u{2028}c\\u{85}d');
  });

  test('ends with nothing hidden in it, and a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visible(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u);
        expect(visible(shown)).toBe(shown);
      }),
      { numRuns: 2_000 },
    );
  });

  test('does not let marks pile up over their neighbours', () => {
    expect(visible(`a${'\u0300'.repeat(30)}`)).toBe(`a\u0300\u0300${'\\u{300}'.repeat(28)}`);
  });

  test('spells out lone surrogates', () => {
    expect(visible('a\uD800b')).toBe('a\\u{D800}b');
  });
});

test.each(['pаypal', 'prοd', 'ᏢROD delete', 'Ａdmin x', '𝐩rod'])('letters that imitate are said: %s', (text) => {
  expect(confusable(text)).toBe(true);
});

test.each(['paypal', 'привет', 'Ärger', '日本 prod', 'α + β', 'no letters: …'])(
  'honest text is not accused: %s',
  (text) => {
    expect(confusable(text)).toBe(false);
  },
);

test('identifiers are printable ASCII without spaces around', () => {
  expect(['a', 'table/public.x', 'a b'].every(plainIdentifier)).toBe(true);
  for (const text of ['', ' a', 'a ', 'ä', 'a\n', 'a\u200Bb', '\u0430']) expect(plainIdentifier(text)).toBe(false);
});

test.each([
  [0, '0 seconds'],
  [1, '1 second'],
  [60, '1 minute'],
  [90, '1 minute 30 seconds'],
  [3_600, '1 hour'],
  [90_061, '1 day 1 hour 1 minute 1 second'],
  [-5, '0 seconds'],
])('%i seconds are %s', (seconds, words) => {
  expect(formatDuration(seconds)).toBe(words);
});
