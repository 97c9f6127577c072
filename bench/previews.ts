import { connectHot, listen, type Statement } from '#lib/db';

/* When a preview has landed, as the console is told of it: an agent is not (P1). */

export interface Previews {
  /** Until people can see what the request would do. Throws where that was not found out. */
  landed(requestId: string): Promise<void>;
  close(): Promise<void>;
}

const STATE: Statement = { name: 'bench_state', text: 'SELECT state FROM requests WHERE id = $1' };
const PATIENCE_MS = 60_000;

/** By the same notices that the console's pages live on. */
export function watchPreviews(databaseUrl: string): Previews {
  const [hot, listener] = [connectHot(databaseUrl), listen(databaseUrl)];
  const stateOf = async (id: string): Promise<string> =>
    (await hot.rows<{ state: string }>(STATE, [id]))[0]?.state ?? 'gone';

  return {
    async landed(id) {
      let wake: () => void = () => undefined;
      let changed = false;
      const unsubscribe = listener.onNotice((notice) => {
        if (notice !== null && notice.id !== id) return;
        changed = true;
        wake();
      });
      const until = performance.now() + PATIENCE_MS;
      const late = setTimeout(() => wake(), PATIENCE_MS);
      try {
        for (;;) {
          changed = false;
          const state = await stateOf(id);
          if (state === 'pending') return;
          if (state !== 'preparing' || performance.now() >= until) throw new Error(`the request is ${state}`);
          if (!changed)
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        clearTimeout(late);
        unsubscribe();
      }
    },
    async close() {
      await Promise.all([hot.close(), listener.close()]);
    },
  };
}
