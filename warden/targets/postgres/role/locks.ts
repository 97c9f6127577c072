import type { Client } from '../connection/connection';
import { codeOf } from '../connection/errors';

/** GRANT and REVOKE wait for whoever has a table for themselves. So long, inside a transaction, and no longer. */
export const LOCK_WAIT = "SET LOCAL lock_timeout = '1s'";

/** False, and nothing done, where somebody else's lock stood in the way of this transaction. */
export async function unlessLocked(client: Client, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (codeOf(error) !== '55P03') throw error;
    await client.query('ROLLBACK');
    return false;
  }
}
