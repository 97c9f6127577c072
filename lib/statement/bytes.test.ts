import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, type Json, newId, sha256Base64url } from '#lib/core';
import { challengeOf, openStatement, type Statement, sealStatement } from './index';

const digest = sha256Base64url('x');
const STATEMENT: Statement = {
  type: 'countersign/statement',
  version: 1,
  kind: 'target.disable',
  nonce: 'n'.repeat(32),
  issuedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T00:05:00.000Z',
  approver: { id: newId('hum'), name: 'Ada' },
  key: { id: newId('key'), class: 'hardware' },
  log: { events: 3, head: null },
  prev: digest,
  targetId: newId('tgt'),
  name: 'bookings',
  environment: 'production',
};
const fields = STATEMENT as unknown as { [key: string]: Json };

describe('a statement’s bytes', () => {
  test('are its one spelling, and read back to it', () => {
    const text = sealStatement(STATEMENT);
    expect(openStatement(text)).toEqual(STATEMENT);
    expect(sealStatement(openStatement(text))).toBe(text);
  });

  test.each<readonly [string, string]>([
    ['with a space', sealStatement(STATEMENT).replace(',', ', ')],
    ['in another order', JSON.stringify(STATEMENT)],
    ['with a key twice', sealStatement(STATEMENT).replace('{', '{"approver":{},')],
    ['with a field nobody knows', canonicalText({ ...fields, extra: true })],
    ['without a field', canonicalText(Object.fromEntries(Object.entries(fields).filter(([key]) => key !== 'prev')))],
    ['of another version', canonicalText({ ...fields, version: 2 })],
    ['of a kind nobody knows', canonicalText({ ...fields, kind: 'target.delete' })],
    ['with an instant spelled otherwise', canonicalText({ ...fields, issuedAt: '2026-01-01T00:00:00Z' })],
    ['with an id of another thing', canonicalText({ ...fields, targetId: newId('hum') })],
    ['that is no object', '[]'],
    ['that is empty', ''],
  ])('are refused %s (T22, T23)', (_name, text) => {
    expect(() => openStatement(text)).toThrow(expect.objectContaining({ code: 'statement_refused' }));
  });

  test('hash differently wherever one character differs', () => {
    const text = sealStatement(STATEMENT);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, char) => {
        const other = text.slice(0, at) + char + text.slice(at + 1);
        if (other !== text) expect(challengeOf(other)).not.toEqual(challengeOf(text));
      }),
    );
  });

  test('never hash to what the same text hashes to elsewhere: the hash has a domain', () => {
    expect(Buffer.from(challengeOf('{}')).toString('base64url')).not.toBe(sha256Base64url('{}'));
    expect(Buffer.from(challengeOf('{}')).toString('base64url')).toBe(sha256Base64url('countersign/statement/v1\n{}'));
  });
});
