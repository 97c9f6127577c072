import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import type { Warden } from '../context';

/**
 * Ends a grant that must not be used, and says why to a person where that is
 * worth an alarm. Never throws: the sweeper ends by time what this could not.
 */
export async function voidGrant(warden: Warden, grantId: string, alarm: string | null): Promise<void> {
  if (alarm !== null) {
    warden.alarms.raise(
      'tampering',
      `Grant ${grantId} was collected, but its approval does not hold: ${alarm}. Nothing was minted. See who changed what.`,
    );
  }
  try {
    await transact(warden.db, (tx, now) => askForEnd(tx, now, grantId, { reason: 'voided', by: 'warden' }));
  } catch (error) {
    warden.log.error({ err: error, grantId }, 'a grant could not be voided and lives until it expires');
  }
}
