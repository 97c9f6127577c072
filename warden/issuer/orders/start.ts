import { loop } from '#lib/process';
import type { Warden } from '../../context';
import { ORDER_SECONDS } from './order';
import { answerWanted } from './wanted';

/** Wishes whose notice was lost are found this often. */
const SWEEP_MS = 2_000;

/** Starts answering copies of the gateway that have a call on the line. */
export function startOrders(warden: Warden): { stop(): Promise<void> } {
  const { db, listener, log } = warden;
  const answering = new Map<string, Promise<void>>();

  function answer(wantedId: string): void {
    if (answering.has(wantedId)) return;
    const work = answerWanted(warden, wantedId)
      .catch((error: unknown) => log.warn({ err: error, wantedId }, 'a call on the line waits for its order'))
      .finally(() => answering.delete(wantedId));
    answering.set(wantedId, work);
  }

  const sweeps = loop(
    async () => {
      const rows = await db.$queryRaw<Array<{ id: string }>>`
        SELECT w.id FROM orders_wanted w LEFT JOIN orders o ON o.wanted_id = w.id
        WHERE o.id IS NULL AND w.created_at > clock_timestamp() - make_interval(secs => ${ORDER_SECONDS})`;
      for (const { id } of rows) answer(id);
      await db.$executeRaw`DELETE FROM orders_wanted WHERE created_at < clock_timestamp() - interval '1 day'`;
      return SWEEP_MS;
    },
    { onError: (error) => log.warn({ err: error }, 'calls on the line wait for the database') },
  );
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null) sweeps.wake();
    else if (notice.table === 'orders_wanted') answer(notice.id);
  });
  return {
    async stop() {
      unsubscribe();
      await sweeps.stop();
      await Promise.all(answering.values());
    },
  };
}
