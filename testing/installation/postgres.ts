import pg from 'pg';

/** One connection, held open until it is closed or cut. */
export interface Session {
  run(sql: string): Promise<pg.QueryResult>;
  /** Settles with the server's words when the connection is cut. */
  readonly cut: Promise<string>;
  close(): Promise<void>;
}

export async function openSession(url: string): Promise<Session> {
  const client = new pg.Client({ connectionString: withoutTls(url), connectionTimeoutMillis: 5_000 });
  const cut = new Promise<string>((resolve) => {
    client.on('error', (error) => resolve(error.message));
    client.on('end', () => resolve('ended'));
  });
  await client.connect();
  return { run: (sql) => client.query(sql), cut, close: () => client.end() };
}

/** One statement in a connection of its own. */
export async function ask(url: string, sql: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: withoutTls(url), connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.query(sql, [...values]);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** pg does not know libpq's `disable` in every version; the local server has no TLS. */
function withoutTls(url: string): string {
  const copy = new URL(url);
  copy.searchParams.delete('sslmode');
  return copy.href;
}
