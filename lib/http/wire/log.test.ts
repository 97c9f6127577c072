import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checksummedToken } from '#lib/core';
import { scrub } from './log';

test('A token, a password in a URL, an Authorization header or a JWT is unreadable wherever it stands in the log (T35)', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const token = checksummedToken('ask');
      for (const secret of [
        token,
        `Bearer ${token}`,
        `postgresql://user:${token}@host/db`,
        'eyJhbGciOiJFUzI1NiJ9.eyJqdGkiOiJncm5fIn0.c2ln',
      ]) {
        const line = scrub(JSON.stringify({ message: `${before} ${secret} ${after}` }));
        expect(line).not.toContain(secret);
        expect(line).not.toContain(token.slice(7));
      }
    }),
  );
});

test('What is blanked leaves a line of JSON', () => {
  const line = scrub(
    JSON.stringify({ url: 'postgresql://u:p@h/d', header: 'Bearer abc.def', token: checksummedToken('svc') }),
  );
  expect(JSON.parse(line)).toEqual({
    url: 'postgresql://u:[redacted]@h/d',
    header: 'Bearer [redacted]',
    token: 'cs_svc_[redacted]',
  });
});
