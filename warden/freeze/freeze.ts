import type { Authority } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Db, Freeze, Tx } from '#lib/db';
import type { Alarms } from '#warden/alarms';
import type { SeenFreeze, Vault } from '#warden/vault';

/** One stops everything; whoever owns the tables and writes thousands fills no disk with them. */
const MOST_NOTED = 100;

/**
 * The freezes that no owner's key has ended: every row, and every row that was
 * ever seen. What a row says of its end is not believed, nor that it is gone (P9).
 */
async function standingFreezes(
  db: Db | Tx,
  { seenFreezes }: Pick<Vault, 'seenFreezes'>,
  { thawed }: Pick<Authority, 'thawed'>,
): Promise<readonly SeenFreeze[]> {
  const select = { id: true, humanId: true, reason: true, begunAt: true };
  const rows = await db.freeze.findMany({
    where: { id: { notIn: [...thawed] } },
    select,
    orderBy: { id: 'asc' },
    take: MOST_NOTED,
  });
  for (const row of rows) seenFreezes.note(row);
  return seenFreezes.list().filter(({ id }) => !thawed.has(id));
}

/** Whether nothing may be minted, run or read at rest. */
export const frozen = async (
  { db, vault }: { readonly db: Db | Tx; readonly vault: Pick<Vault, 'seenFreezes'> },
  authority: Authority,
): Promise<boolean> => (await standingFreezes(db, vault, authority)).length > 0;

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
  const thawed = [...authority.thawed];
  await tx.freeze.updateMany({ where: { id: { in: thawed }, thawedAt: null }, data: { thawedAt: now } });
  const rows = await tx.freeze.findMany({ where: { id: { in: standing.map(({ id }) => id) } } });
  const isShown = ({ id }: SeenFreeze): boolean => rows.some((row) => row.id === id && row.thawedAt === null);
  if (standing.every(isShown)) return standing;
  const still = await standingFreezes(tx, vault, await reread());
  const missing = still.filter((freeze) => !isShown(freeze));
  if (missing.length > 0) {
    alarms.raise('tampering', `Freeze ${missing.map(({ id }) => id).join(', ')} ${TAKEN}`);
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

/** `not_allowed`, in the words every door uses while everything is frozen. */
export const refuseFrozen = (): never =>
  refuse(
    'not_allowed',
    'Everything is frozen: somebody stopped all access, and an owner’s key has to end that. Nothing passes until then; do not look for another way.',
  );
