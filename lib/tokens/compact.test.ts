import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64url } from '#lib/core';
import { readCompact } from './compact';

test('A part is taken where it is what its bytes are written as, and only there', () => {
  const part = fc.string({ unit: fc.constantFrom(...'AAABBEQQQgwxyz0189_-=+ '), maxLength: 9 });
  let taken = 0;
  fc.assert(
    fc.property(part, fc.integer({ min: 0, max: 2 }), (text, at) => {
      const isOnce = text !== '' && fromBase64url(text) !== null;
      expect(readCompact(['AQ', 'AAE', 'AAAA'].with(at, text).join('.')) !== null).toBe(isOnce);
      if (isOnce) taken += 1;
    }),
    { numRuns: 5_000 },
  );
  expect(taken).toBeGreaterThan(500);
});

test('What is read is the text itself', () => {
  fc.assert(
    fc.property(
      fc.tuple(...Array.from({ length: 3 }, () => fc.uint8Array({ minLength: 1, maxLength: 80 }))),
      (parts) => {
        const [header, payload, signature] = parts.map((bytes) => Buffer.from(bytes).toString('base64url'));
        const read = readCompact(`${header}.${payload}.${signature}`);
        expect(read).toMatchObject({ header, payload });
        expect(Buffer.from(read?.signed ?? []).toString()).toBe(`${header}.${payload}`);
        expect([...(read?.signature ?? [])]).toEqual([...(parts[2] ?? [])]);
      },
    ),
  );
});
