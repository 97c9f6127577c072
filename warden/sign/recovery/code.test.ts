import { describe, expect, test } from 'vitest';
import { challengeOf, verifyAssertion } from '#lib/statement';
import { grouped, keyOf, newCode, readCode, signWith } from './code';

const SIGN = { origin: 'https://sign.example.com', rpId: 'example.com' };

describe('A recovery code', () => {
  test('is 125 random bits in groups that can be written down', () => {
    const codes = Array.from({ length: 100 }, newCode);
    expect(new Set(codes).size).toBe(100);
    for (const code of codes) expect(grouped(code)).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
  });

  test.each([
    ['as it was shown', '0123A-BCDEF-GHJKM-NPQRS-TVWXY'],
    ['in small letters', '0123a-bcdef-ghjkm-npqrs-tvwxy'],
    ['with spaces', ' 0123A BCDEF GHJKM NPQRS TVWXY '],
    ['with letters that look like digits', 'Oi23A-BCDEF-GHJKM-NPQRS-TVWXY'],
  ])('is read %s', (_case, typed) => {
    expect(readCode(typed)).toBe('0123ABCDEFGHJKMNPQRSTVWXY');
  });

  test.each([
    '',
    '0123A',
    '0123A-BCDEF-GHJKM-NPQRS-TVWXYZ',
    '0123A-BCDEF-GHJKM-NPQRS-TVWX*',
    'U123A-BCDEF-GHJKM-NPQRS-TVWXY',
  ])('is not read from %j', (typed) => {
    expect(readCode(typed)).toBeNull();
  });

  test('is the same key each time, and another for another code', () => {
    const [one, two] = [newCode(), newCode()];
    expect(keyOf(one).publicKey).toBe(keyOf(one).publicKey);
    expect(keyOf(one).publicKey).not.toBe(keyOf(two).publicKey);
  });

  test('signs like a key at the sign origin, over this statement and there alone', async () => {
    const key = keyOf(newCode());
    const authenticator = { ...key, class: 'claimed' as const, counter: 0n };
    const check = (text: string, relyingParty = SIGN) =>
      verifyAssertion({
        assertion: signWith(key, '{"a":1}', SIGN),
        authenticator,
        challenge: challengeOf(text),
        relyingParty,
      });
    await expect(check('{"a":1}')).resolves.toEqual({ counter: 0n });
    await expect(check('{"a":2}')).rejects.toMatchObject({ code: 'statement_refused' });
    await expect(check('{"a":1}', { ...SIGN, origin: 'https://example.com' })).rejects.toBeDefined();
  });
});
