import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createNonces } from './nonces';

const at = (seconds: number): Date => new Date(seconds * 1000);
const secret = randomBytes(32);

describe('A nonce (RFC 9449 §8)', () => {
  test('is good for five minutes after the one it was made in, and says when it ends', () => {
    const nonces = createNonces(secret);
    const nonce = nonces.current(at(30));
    expect(nonces.endOf(nonce, at(30))).toEqual(at(6 * 60));
    expect(nonces.endOf(nonce, at(6 * 60 - 1))).toEqual(at(6 * 60));
    expect(nonces.endOf(nonce, at(6 * 60))).toBeNull();
  });

  test.each([
    [undefined],
    [''],
    [7],
    ['0'],
    ['0.'],
    ['0.guessed'],
    [`0.${'A'.repeat(43)}`],
    [['0']],
    [null],
    [{ toString: () => createNonces(secret).current(at(0)) }],
  ])('that is not ours is none: %j', (nonce) => {
    expect(createNonces(secret).endOf(nonce, at(0))).toBeNull();
  });

  test.each<[string, (nonce: string) => string]>([
    ['a zero before', (nonce) => `0${nonce}`],
    ['a space before', (nonce) => ` ${nonce}`],
    ['a space after', (nonce) => `${nonce} `],
    ['padding after', (nonce) => `${nonce}=`],
    ['its minute moved on', (nonce) => nonce.replace(/^\d+/, (minute) => `${Number(minute) + 1}`)],
  ])('has one spelling: %s', (_name, change) => {
    const nonces = createNonces(secret);
    const nonce = nonces.current(at(600));
    expect(nonces.endOf(nonce, at(660))).not.toBeNull();
    expect(nonces.endOf(change(nonce), at(660))).toBeNull();
  });

  test('under another secret is none of ours (T27)', () => {
    const other = createNonces(randomBytes(32)).current(at(0));
    expect(createNonces(secret).endOf(other, at(0))).toBeNull();
  });

  test('of a copy with the same secret is one of ours', () => {
    const other = createNonces(secret).current(at(0));
    expect(createNonces(secret).endOf(other, at(59))).toEqual(at(6 * 60));
  });

  test('of a minute to come is not good yet', () => {
    const nonces = createNonces(secret);
    expect(nonces.endOf(nonces.current(at(120)), at(0))).toBeNull();
  });
});
