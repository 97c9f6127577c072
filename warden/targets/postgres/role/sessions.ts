import { setTimeout as sleep } from 'node:timers/promises';
import { refuse } from '#lib/core';
import type { Client } from '../connection/connection';

/** Terminating is asking: a session is gone when the server no longer lists it, its transaction rolled back. */
const TERMINATE = `
SELECT count(pg_terminate_backend(a.pid))::int AS sessions FROM pg_catalog.pg_stat_activity a
JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid WHERE r.rolname = $1`;

export async function terminateSessions(client: Client, role: string): Promise<void> {
  // Waits 0, 1, 2, 4 … 64 ms, about three seconds together.
  for (let attempt = 0; attempt < 55; attempt += 1) {
    const { rows } = await client.query<{ sessions: number }>(TERMINATE, [role]);
    if (rows[0]?.sessions === 0) return;
    await sleep(attempt === 0 ? 0 : 2 ** Math.min(attempt - 1, 6));
    // Inside a transaction the list would otherwise stay as first read.
    await client.query('SELECT pg_stat_clear_snapshot()');
  }
  refuse('target_refused', `Sessions of ${role} were told to end and have not.`);
}

/** Cuts whatever logs in, until `settled` is. */
export async function terminateUntil(client: Client, role: string, settled: Promise<unknown>): Promise<void> {
  let over = false;
  const mark = (): void => {
    over = true;
  };
  settled.then(mark, mark);
  while (!over) {
    await client.query(TERMINATE, [role]);
    await sleep(5);
  }
}
