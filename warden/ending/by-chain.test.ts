import { expect, test } from 'vitest';
import type { Authority } from '#lib/authority';
import type { Db } from '#lib/db';
import { type Doubt, endDoubtful } from './by-chain';
import type { EndingsInFlight } from './in-flight';

/** Grants by number, the chain as it is at each look, and what was ended. */
async function ended(count: number, chain: readonly string[], isOver: (chain: string, id: string) => boolean) {
  const looks = [...chain];
  const current = async () => ({ head: { seq: 1, hash: looks.length > 1 ? looks.shift() : looks[0] } }) as Authority;
  const done: string[] = [];
  const ids = Array.from({ length: count }, (_, n) => `grn_${String(n).padStart(4, '0')}`);
  const asked: string[] = [];
  const doubt: Doubt<{ id: string; targetId: string }> = {
    async find(_, { head }, { after, take, except }) {
      asked.push(head.hash);
      const rows = ids.filter((id) => id > after && !except.includes(id)).slice(0, take);
      return rows.map((id) => ({ id, targetId: 'tgt_1' }));
    },
    isOver: ({ head }, { id }) => isOver(head.hash, id),
  };
  const inFlight = { expiring: () => done, askAndEnd: ({ id }: { id: string }) => void done.push(id) };
  const warden = { db: {} as Db, authority: { isSetUp: () => true, current } };
  await endDoubtful(warden, inFlight as unknown as EndingsInFlight, doubt);
  return { done, asked };
}

test('A hundred that are in doubt and stand hide none behind them that is over', async () => {
  const { done } = await ended(350, ['now'], (_, id) => id >= 'grn_0349' || id === 'grn_0120');
  expect(done).toEqual(['grn_0120', 'grn_0349']);
});

test('All that are over end, in one round', async () => {
  expect((await ended(230, ['now'], () => true)).done).toHaveLength(230);
  expect((await ended(200, ['now'], () => true)).done).toHaveLength(200);
  expect((await ended(0, ['now'], () => true)).done).toEqual([]);
});

test('What stands by the chain as it is after the rows were read is ended by no older one', async () => {
  const { done, asked } = await ended(3, ['before', 'after'], (chain) => chain === 'before');
  expect([done, asked]).toEqual([[], ['before']]);
});
