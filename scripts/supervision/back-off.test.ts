import { expect, test } from 'vitest';
import { backOff } from './back-off';

test('A process that keeps dying waits longer each time, up to ten seconds, and less after a healthy life', () => {
  let now = 0;
  const pause = backOff(() => now);
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => pause.next())).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  pause.began();
  now += 31_000;
  expect(pause.next()).toBe(250);
});

test('Who kills it again and again keeps it away no longer each time, and hides no crash of its own', () => {
  const pause = backOff(() => 0);
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => pause.afterKill())).toEqual(Array.from({ length: 8 }, () => 250));
  expect([pause.next(), pause.next(), pause.afterKill(), pause.next()]).toEqual([250, 500, 250, 1000]);
});
