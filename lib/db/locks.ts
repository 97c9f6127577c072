import pg from 'pg';
import { SteadyClient } from './steady-client';

/** Advisory locks of one session: of several processes one does a thing that would only be wasted twice. */
export interface Locks {
  /** False where another session has it. A lock goes with its connection: nothing must be wrong if two hold it for a moment. */
  tryLock(name: string): Promise<boolean>;
  unlock(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens its one connection when it is needed, and anew once it was lost. */
export function openLocks(url: string): Locks {
  const pool = new pg.Pool({
    Client: SteadyClient,
    connectionString: url,
    max: 1,
    keepAlive: true,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 5_000,
    query_timeout: 6_000,
  });
  pool.on('error', () => undefined);
  return {
    async tryLock(name) {
      const { rows } = await pool.query<{ taken: boolean }>({
        name: 'locks_try',
        text: 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
        values: [name],
      });
      return rows[0]?.taken === true;
    },
    async unlock(name) {
      await pool.query({
        name: 'locks_release',
        text: 'SELECT pg_advisory_unlock(hashtextextended($1, 0))',
        values: [name],
      });
    },
    close: () => pool.end(),
  };
}
