import { expect, test } from 'vitest';
import { rememberProofs } from './spent-proofs';

const at = (seconds: number): Date => new Date(seconds * 1000);
const END = at(360);
const proof = (jkt: string, jti: string, until = END) => ({ jkt, jti, until });

test('A proof is used once for as long as its nonce is good (T27)', () => {
  const store = rememberProofs();
  expect(store.spend(proof('key', 'one'), at(0))).toBe(true);
  for (let now = 0; now < 360; now += 59) expect(store.spend(proof('key', 'one'), at(now))).toBe(false);
  expect(store.spend(proof('other key', 'one'), at(0))).toBe(true);
});

test('One jti is one proof, whatever nonce it has', () => {
  const store = rememberProofs();
  expect(store.spend(proof('key', 'one'), at(0))).toBe(true);
  expect(store.spend(proof('key', 'one', at(420)), at(60))).toBe(false);
});

test('A proof that is forgotten is not let in by a clock that went forth and back (T77)', () => {
  const store = rememberProofs();
  expect(store.spend(proof('key', 'one'), at(0))).toBe(true);
  store.spend(proof('key', 'later', at(3_960)), at(3_600));
  expect(store.spend(proof('key', 'one'), at(10))).toBe(false);
  expect(store.spend(proof('key', 'two'), at(10))).toBe(false);
});

test('Too many of one key lock out that key alone, until they end', () => {
  const store = rememberProofs({ ofOne: 2, ofAll: 100 });
  const spend = (jkt: string, jti: string) => store.spend(proof(jkt, jti), at(0));
  expect(['a', 'b', 'c'].map((jti) => spend('greedy', jti))).toEqual([true, true, false]);
  expect(spend('modest', 'a')).toBe(true);
  expect(store.spend(proof('greedy', 'c', at(720)), at(360))).toBe(true);
});

test('None is forgotten to make room for another', () => {
  const store = rememberProofs({ ofOne: 2, ofAll: 3 });
  const spend = (jkt: string, jti: string) => store.spend(proof(jkt, jti), at(0));
  for (const jti of ['a', 'b']) spend('one', jti);
  spend('two', 'a');
  expect(spend('three', 'a')).toBe(false);
  expect(spend('one', 'a')).toBe(false);
});
