import { isUnreachable } from '#lib/db';
import { loop } from '#lib/process';
import type { Warden } from '../context';
import { takeLook } from './looks';
import { takeReport } from './reports';

/** Looks whose notice was lost are found this often. */
const SWEEP_MS = 1_000;
const BATCH = 200;

/** Starts taking in what the gateway found out: about requests at providers, and about the providers themselves. */
export function startLooks(warden: Warden): { stop(): Promise<void> } {
  const { listener, log } = warden;
  const rounds = loop(
    async () => {
      if (warden.authority.isSetUp()) await takeAll(warden);
      return SWEEP_MS;
    },
    { onError: (error) => log.warn({ err: error }, 'looks of the gateway wait for the database') },
  );
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null || notice.table === 'looks') rounds.wake();
  });
  return {
    async stop() {
      unsubscribe();
      await rounds.stop();
    },
  };
}

/** A look that says nothing usable goes like the rest: the gateway makes another. One that cannot be stored keeps none waiting. */
async function takeAll(warden: Warden): Promise<void> {
  const { db, log } = warden;
  const kinds = { kind: { in: ['request', 'target'] } };
  const rows = await db.look.findMany({ where: kinds, orderBy: { createdAt: 'asc' }, take: BATCH });
  for (const row of rows) {
    const take = row.kind === 'request' ? takeLook : takeReport;
    await take(warden, row).catch((error: unknown) => {
      if (isUnreachable(error)) throw error;
      log.warn({ err: error, lookId: row.id }, 'a look could not be taken');
    });
    await db.look.deleteMany({ where: { id: row.id } });
  }
}
