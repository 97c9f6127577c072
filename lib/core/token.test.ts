import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64url, checksummedToken, fromBase64url, looksLikeToken, newId } from './index';

test('a token is one of its kind, and any one changed character is noticed', () => {
  for (let round = 0; round < 50; round += 1) {
    const token = checksummedToken('ask');
    expect(looksLikeToken('ask', token)).toBe(true);
    expect(looksLikeToken('svc', token)).toBe(false);
    const at = 7 + Math.floor(Math.random() * (token.length - 7));
    const other = token[at] === 'x' ? 'y' : 'x';
    expect(looksLikeToken('ask', token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
  }
});

test.each([
  '',
  'cs_ask_',
  'cs_ask_abc',
  `${checksummedToken('ask')} `,
  `${checksummedToken('ask')}\n`,
  checksummedToken('ask').slice(0, -1),
])('a token cut short or dressed up is none: %j (T25)', (text) => {
  expect(looksLikeToken('ask', text)).toBe(false);
});

test('no two tokens or ids are the same, and ids fit into SQL names', () => {
  const many = Array.from({ length: 2_000 }, () => newId('grn'));
  expect(new Set(many).size).toBe(many.length);
  for (const id of many) expect(id).toMatch(/^grn_[0-9a-z]{20}$/);
});

test('base64url has one spelling: what is decoded is spelled that way and no other (T25)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const text = base64url(bytes);
      expect(fromBase64url(text)).toEqual(bytes);
      for (const other of [`${text}=`, `${text} `, `${text}\n`, text.replace(/-/, '+').replace(/_/, '/')]) {
        if (other !== text) expect(fromBase64url(other)).toBeNull();
      }
    }),
  );
});

test('stray low bits are another spelling, and refused', () => {
  expect(fromBase64url('AA')).toEqual(new Uint8Array([0]));
  expect(fromBase64url('AB')).toBeNull();
});
