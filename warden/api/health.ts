import { refuse } from '#lib/core';
import { databaseNow } from '#lib/db';
import type { Warden } from '../context';

/** Ready: the database answers, its notices come through, and the authority, once there is one, holds. */
export async function checkReady(warden: Warden): Promise<void> {
  try {
    await databaseNow(warden.db);
    if (!warden.listener.connected()) throw new Error('The database’s notices are not heard.');
    if (warden.authority.isSetUp()) await warden.authority.current(warden.db);
  } catch (cause) {
    refuse('unavailable', 'Not ready.', { cause });
  }
}
