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
