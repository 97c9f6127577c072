import pg from 'pg';
import { SEARCH_PATH } from './client';
import { SteadyClient } from './steady-client';

/** A prepared statement. The server parses it once for each connection and finds it again by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs the few statements on the gateway's path through the driver itself:
 * Prisma's own work around such a query costs ten times the query.
 */
export interface Hot {
  rows<R extends object>(statement: Statement, values: readonly unknown[]): Promise<R[]>;
  close(): Promise<void>;
}

/** Opens a pool of its own. A statement fails within two seconds where the database is gone. */
export function connectHot(url: string, { max = 8 }: { readonly max?: number } = {}): Hot {
  const pool = new pg.Pool({
    Client: SteadyClient,
    connectionString: url,
    max,
    keepAlive: true,
    options: SEARCH_PATH,
    connectionTimeoutMillis: 1_500,
    // Shorter than the client's: the server stops a statement that waits for a lock, and its connection is free again.
    statement_timeout: 1_700,
    query_timeout: 1_800,
    idleTimeoutMillis: 60_000,
  });
  // The next statement opens another connection.
  pool.on('error', () => undefined);
  return {
    async rows<R extends object>({ name, text }: Statement, values: readonly unknown[]) {
      const { rows } = await pool.query<R>({ name, text, values: [...values] });
      return rows;
    },
    close: () => pool.end(),
  };
}
