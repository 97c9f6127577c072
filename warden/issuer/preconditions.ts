import type { Authority } from '#lib/authority';
import { refuse } from '#lib/core';
import { withTimeout } from '#lib/process';
import { frozen, refuseFrozen } from '#warden/freeze';
import { clockHolds, readClock } from '#warden/pulse';
import type { Target } from '#warden/targets';
import type { Warden } from '../context';

/** A target that is away, or a table that somebody has locked, costs a try, not the approval: asked before the one collection is used up. */
export const refuseUnready = (target: Target, resources: readonly string[]): Promise<void> =>
  withTimeout(10, target.ready(resources));

/** What must hold before anything at all is minted: a clock to end it by, and an authority to believe. */
export async function mintingAllowed(warden: Warden): Promise<{ authority: Authority; now: Date }> {
  const [reading, authority] = await Promise.all([readClock(warden.db), warden.authority.current(warden.db)]);
  if (!clockHolds(reading)) {
    refuse(
      'minting_stopped',
      'The host’s clock and the database’s are more than 2 s apart. Nothing is minted until they agree.',
    );
  }
  if (warden.alarms.list().some(({ code }) => code === 'chain_broken')) {
    refuse(
      'minting_stopped',
      'The record of who may decide was changed by somebody. Nothing is minted until an owner has looked.',
    );
  }
  if (await frozen(warden, authority)) refuseFrozen();
  return { authority, now: reading.now };
}
