import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCopy } from '#testing/gateway';

/*
 * Only for tests: calls by the age of the head that they met. A bound in seconds
 * is tried by that age and by no stopwatch, so that a busy machine changes nothing.
 */

/** One call, between two readings of the age. */
export interface AgedCall {
  readonly status: number;
  /** Seconds. The age when the gateway judged the call lies between the two. */
  readonly from: number;
  readonly to: number;
}

/** Calls until the head is older than this, and then a few times more. */
export async function callUntilOlder(
  { gateway: { head } }: Pick<TestCopy, 'gateway'>,
  seconds: number,
  call: () => Promise<number>,
): Promise<AgedCall[]> {
  const calls: AgedCall[] = [];
  for (let older = 0; older < 3; ) {
    const before = head.ageSeconds();
    const status = await call();
    const after = head.ageSeconds();
    calls.push({ status, from: Math.min(before, after), to: Math.max(before, after) });
    if (before > seconds) older += 1;
    await sleep(50);
  }
  return calls;
}

/** What was answered on heads that were older than this. */
export const answersAbove = (calls: readonly AgedCall[], seconds: number): readonly number[] => [
  ...new Set(calls.filter(({ from }) => from > seconds).map(({ status }) => status)),
];

/** What was answered on heads that were at most this old. */
export const answersUpTo = (calls: readonly AgedCall[], seconds: number): readonly number[] => [
  ...new Set(calls.filter(({ to }) => to <= seconds).map(({ status }) => status)),
];
