import type { Authority } from '#lib/authority';
import type { Freeze, Tx } from '#lib/db';
import type { Alarms } from '#warden/alarms';
import { type SeenFreeze, type Vault, WARDEN } from '#warden/vault';
import { standingFreezes } from './freeze';

interface Restoring {
  readonly vault: Pick<Vault, 'seenFreezes'>;
  readonly alarms: Alarms;
  readonly now: Date;
  readonly reread: () => Promise<Authority>;
}

/**
 * Has the rows say what is so, for people to see and for an owner to end: a
 * freeze that stands is there and open, with an alarm where somebody took it away
 * or called it over; one that a key ended is over, or nobody could freeze again.
 * `reread` is asked again before anything is put back, since what was just ended
 * by a key may be in the rows already and not yet in what was read before.
 */
export async function restoreFreezes(
  tx: Tx,
  { vault, alarms, now, reread }: Restoring,
  authority: Authority,
): Promise<readonly SeenFreeze[]> {
  const standing = await standingFreezes(tx, vault, authority);
  const thawed = [...authority.thawed.keys()];
  await tx.freeze.updateMany({ where: { id: { in: thawed }, thawedAt: null }, data: { thawedAt: now } });
  const rows = await tx.freeze.findMany({ where: { id: { in: standing.map(({ id }) => id) } } });
  const isShown = ({ id }: SeenFreeze): boolean => rows.some((row) => row.id === id && row.thawedAt === null);
  if (standing.every(isShown)) return standing;
  const still = await standingFreezes(tx, vault, await reread());
  const missing = still.filter((freeze) => !isShown(freeze));
  // The warden's own are noted before there is a row for them.
  const taken = missing.filter(({ humanId }) => humanId !== WARDEN).map(({ id }) => id);
  if (taken.length > 0) alarms.raise('tampering', `Freeze ${taken.join(', ')} ${TAKEN}`);
  if (missing.length > 0) {
    // One freeze is shown at a time: where another is open in the table, that one is enough.
    if ((await tx.freeze.count({ where: { thawedAt: null } })) === 0) await putBack(tx, missing[0], rows);
  }
  return still;
}

const TAKEN = 'was taken out of the database by somebody. It stands, and is put back.';

/** Only what was seen is changed: a key may end the freeze in this very moment. */
async function putBack(tx: Tx, freeze: SeenFreeze | undefined, rows: readonly Freeze[]): Promise<void> {
  if (freeze === undefined) return;
  const row = rows.find(({ id }) => id === freeze.id);
  if (row === undefined) await tx.freeze.createMany({ data: [freeze], skipDuplicates: true });
  else await tx.freeze.updateMany({ where: { id: row.id, thawedAt: row.thawedAt }, data: { thawedAt: null } });
}
