import { describe, expect, test } from 'vitest';
import { createNonces } from './nonces';

describe('A nonce (RFC 9449 §8)', () => {
  test('is good for five minutes after the one it was made in, and no longer', () => {
    let now = 30;
    const nonces = createNonces(() => now);
    const nonce = nonces.current();
    now = 6 * 60 - 1;
    expect(nonces.holds(nonce)).toBe(true);
    now = 6 * 60;
    expect(nonces.holds(nonce)).toBe(false);
  });

  test.each([[undefined], [''], [7], ['0.guessed'], [['0']]])('that is not ours is none: %j', (nonce) => {
    expect(createNonces(() => 0).holds(nonce)).toBe(false);
  });

  test('of another process is none of ours (T27)', () => {
    expect(createNonces(() => 0).holds(createNonces(() => 0).current())).toBe(false);
  });

  test('of a minute to come is not good yet', () => {
    let now = 120;
    const nonces = createNonces(() => now);
    const nonce = nonces.current();
    now = 0;
    expect(nonces.holds(nonce)).toBe(false);
  });
});

describe('A proof', () => {
  test('is spent once for as long as its nonce is good (T27)', () => {
    let now = 0;
    const nonces = createNonces(() => now);
    expect(nonces.spend('key', 'one')).toBe(true);
    for (now = 0; now < 6 * 60; now += 59) expect(nonces.spend('key', 'one')).toBe(false);
    expect(nonces.spend('other key', 'one')).toBe(true);
  });

  test('too many of one key lock out that key alone, until they expire', () => {
    let now = 0;
    const nonces = createNonces(() => now, { ofOne: 2, ofAll: 100 });
    expect(['a', 'b', 'c'].map((jti) => nonces.spend('greedy', jti))).toEqual([true, true, false]);
    expect(nonces.spend('modest', 'a')).toBe(true);
    now = 6 * 60;
    expect(nonces.spend('greedy', 'c')).toBe(true);
  });

  test('none is forgotten to make room for another', () => {
    const nonces = createNonces(() => 0, { ofOne: 2, ofAll: 3 });
    for (const jti of ['a', 'b']) nonces.spend('one', jti);
    nonces.spend('two', 'a');
    expect(nonces.spend('three', 'a')).toBe(false);
    expect(nonces.spend('one', 'a')).toBe(false);
  });
});
