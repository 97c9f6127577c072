import { expect, test } from 'vitest';
import { fairLimit } from './fair-limit';

const never = (): Promise<never> => new Promise(() => undefined);

test('Twenty of one agent that all hang take four places, and another agent is not kept waiting (P1, T92)', async () => {
  const { run } = fairLimit();
  let hanging = 0;
  for (let i = 0; i < 20; i += 1) {
    void run({ targetId: 'db', agentId: 'greedy' }, () => {
      hanging += 1;
      return never();
    });
  }
  await expect(run({ targetId: 'db', agentId: 'modest' }, async () => 'through')).resolves.toBe('through');
  // And the greedy one itself is not kept from another target.
  await expect(run({ targetId: 'api', agentId: 'greedy' }, async () => 'through')).resolves.toBe('through');
  expect(hanging).toBe(4);
});

test('A target has so many at once and no more, whoever asks, and what failed leaves its place', async () => {
  const { run } = fairLimit({ ofAgent: 2, atTarget: 3 });
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
    throw new Error('not now');
  };
  const agents = ['a', 'b', 'c', 'd'];
  const runs = agents.flatMap((agentId) => [1, 2, 3].map(() => run({ targetId: 'db', agentId }, work)));
  const outcomes = await Promise.allSettled(runs);
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(most).toBe(3);
});
