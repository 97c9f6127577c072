import pg from 'pg';

/** One prepared statement. Its name is its identity: the server parses it once a connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * The few statements on the gateway's path, straight through the driver: what
 * Prisma does around a query costs ten times what these queries do.
 */
export interface Hot {
  rows<R extends object>(statement: Statement, values: readonly unknown[]): Promise<R[]>;
  close(): Promise<void>;
}

/** A pool of its own. A database that is gone fails a statement within two seconds. */
export function connectHot(url: string, { max = 8 }: { readonly max?: number } = {}): Hot {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    keepAlive: true,
    connectionTimeoutMillis: 1_500,
    // The server gives up first: a statement that waits for a lock does not keep its connection for ever.
    statement_timeout: 1_700,
    query_timeout: 1_800,
    idleTimeoutMillis: 60_000,
  });
  // An idle connection that breaks is replaced by the next statement.
  pool.on('error', () => undefined);
  return {
    async rows<R extends object>({ name, text }: Statement, values: readonly unknown[]) {
      const { rows } = await pool.query<R>({ name, text, values: [...values] });
      return rows;
    },
    close: () => pool.end(),
  };
}
