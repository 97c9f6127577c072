import { refuse } from '#lib/core';
import type { Grant } from '#lib/db';
import { frozen } from '#warden/freeze';
import type { Warden } from '../context';

/**
 * The last look before an operation goes out: looking at the target took its
 * time, and saying no must count until the very end (P9). Throws where somebody
 * revoked or froze, or where the time is over.
 */
export async function recheckGrant(warden: Warden, { id }: Pick<Grant, 'id'>): Promise<void> {
  const authority = await warden.authority.current(warden.db);
  const [isFrozen, live] = await Promise.all([frozen(warden, authority), isLive(warden, id)]);
  if (isFrozen) refuse('not_allowed', `${NOT_RUN} somebody froze everything, and an owner’s key has to end that.`);
  if (!live) refuse('gone', `${NOT_RUN} this grant was ended, or its time is over. File a new request.`);
}

const NOT_RUN = 'Not run, and nothing was sent:';

/** By the database's clock, in one statement (T77). */
export async function isLive({ db }: Pick<Warden, 'db'>, id: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM grants WHERE id = ${id} AND state = 'active' AND expires_at > clock_timestamp()`;
  return rows.length === 1;
}
