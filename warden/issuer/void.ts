import { transactBriefly } from '#lib/db';
import { askForEnd } from '#lib/grants';
import type { End } from '#warden/vault';
import type { Warden } from '../context';

/**
 * Ends a grant: it is over once this has begun, by the warden's own file. Its row
 * says so too when this returns, or when nobody holds it locked any more: ending
 * writes it then. What lives at a target is ended by that file, and by no row.
 */
export async function stopGrant({ db, vault, log }: Warden, grantId: string, end: End): Promise<void> {
  const { reason, by } = vault.stopped.add(grantId, end);
  try {
    await transactBriefly(db, (tx, now) => askForEnd(tx, now, grantId, { reason, by }));
    vault.stopped.written(grantId);
  } catch (error) {
    log.warn({ err: error, grantId }, 'the row of a grant that was stopped does not say so yet');
  }
}

/**
 * Ends a grant that must not be used, and says why to a person where that is
 * worth an alarm. Never throws: what a full disk keeps from being noted ends by
 * the sweep, or by time.
 */
export async function voidGrant(warden: Warden, grantId: string, alarm: string | null): Promise<void> {
  if (alarm !== null) {
    warden.alarms.raise(
      'tampering',
      `Grant ${grantId} was collected, but its approval does not hold: ${alarm}. Nothing was minted. See who changed what.`,
    );
  }
  try {
    await stopGrant(warden, grantId, { reason: 'voided', by: 'warden' });
  } catch (error) {
    warden.log.error({ err: error, grantId }, 'a grant could not be voided and lives until it expires');
  }
}

/** Does what follows once the row says that the grant was collected. Where that fails, on a full disk say, nothing is made of it, and it is voided. */
export async function orVoid<T>(warden: Warden, grantId: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    await voidGrant(warden, grantId, null);
    throw error;
  }
}
