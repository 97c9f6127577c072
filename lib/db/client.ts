import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client';

/** A pool of connections under one database role. */
export type Db = PrismaClient;

/** An open transaction. `audit.append` takes nothing else, so no change goes unrecorded. */
export type Tx = Omit<Db, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends' | 'close'> & {
  readonly $transaction?: never;
};

/** A statement that takes longer has no good end: the server stops it, and one that is not heard of again is given up. */
const STATEMENT_MS = 15_000;

/** Opens a pool; connects lazily, so a database that is down fails the call and not the start. */
export function connect(url: string, { max = 16 }: { max?: number } = {}): Db {
  const adapter = new PrismaPg(
    {
      connectionString: url,
      max,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 60_000,
      statement_timeout: STATEMENT_MS,
      query_timeout: STATEMENT_MS + 1_000,
    },
    { onPoolError: () => undefined, onConnectionError: () => undefined },
  );
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 15_000 } });
}
