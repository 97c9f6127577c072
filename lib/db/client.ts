import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client';
import { SteadyClient } from './steady-client';

/** A pool of connections under one database role. */
export type Db = PrismaClient;

/** An open transaction: the only thing that `audit.append` accepts, so that an event commits with its change (P4). */
export type Tx = Omit<Db, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends' | 'close'> & {
  readonly $transaction?: never;
};

/** After this the server stops a statement; a second later the client stops waiting for a server that is silent. */
const STATEMENT_MS = 15_000;

/** PostgreSQL's own functions come first, the clock above all: whoever owns the database could have put others before them. */
export const SEARCH_PATH = '-c search_path=public';

/** Opens a pool. It connects with the first query, so that a database that is down fails a call and not the start. */
export function connect(url: string, { max = 16 }: { max?: number } = {}): Db {
  const adapter = new PrismaPg(
    {
      Client: SteadyClient,
      connectionString: url,
      max,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 60_000,
      statement_timeout: STATEMENT_MS,
      options: SEARCH_PATH,
      query_timeout: STATEMENT_MS + 1_000,
    },
    { onPoolError: () => undefined, onConnectionError: () => undefined },
  );
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 15_000 } });
}
