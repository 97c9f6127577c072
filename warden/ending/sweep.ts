import { databaseNow } from '#lib/db';
import { dueForEnding, LIVE, nextExpiry, overdue } from '#lib/grants';
import { frozen } from '#warden/freeze';
import type { Warden } from '../context';
import { stillLiveText } from './end-grant';
import type { EndingsInFlight } from './in-flight';
import { endLeftBehind } from './left-behind';
import { stop } from './note';

/** Nothing overdue is found later than this, whatever notices were lost. */
const LONGEST_REST_MS = 1_000;
const BATCH = 100;
/** After a restart there are many, of which few rows are left to write. */
const STOPPED_BATCH = 1_000;
/** A row that says nothing of its grant's end for so long is held by somebody. */
const LATE_MS = 5_000;

/**
 * One sweep: asks for the end of what is over by the database's clock, and sets
 * about ending what is on its way out. Waits for none of it. Returns how long to rest.
 */
export async function sweep(warden: Warden, inFlight: EndingsInFlight): Promise<number> {
  const { db, alarms } = warden;
  const now = await databaseNow(db);
  const over = await overdue(db, now, { limit: BATCH, except: inFlight.expiring() });
  for (const grant of over) inFlight.askAndEnd(grant, { reason: 'expired', by: 'clock' });
  const due = await dueForEnding(db, { limit: BATCH, except: inFlight.ids(), paused: inFlight.paused() });
  for (const grant of due) inFlight.end(grant);
  await writeStopped(warden, inFlight);
  await endByChain(warden, inFlight);
  const stuck = await stillLiveText(db);
  if (stuck === null) alarms.clear('still_live');
  else alarms.raise('still_live', stuck);
  if (over.length === BATCH || due.length === BATCH) return 0;
  return restMs(await nextExpiry(db, inFlight.expiring()), now);
}

/** Rows that do not say yet what was decided: somebody held them locked, or the warden was started again since. */
async function writeStopped(
  { db, alarms, vault: { live, stopped } }: Warden,
  inFlight: EndingsInFlight,
): Promise<void> {
  const resting = new Set(inFlight.expiring());
  const ends = new Map([...stopped.unwritten].filter(([id]) => !resting.has(id)).slice(0, STOPPED_BATCH));
  const open = ends.size === 0 ? [] : await db.grant.findMany({ where: { id: { in: [...ends.keys()] }, ...LIVE } });
  for (const grant of open) {
    const end = ends.get(grant.id);
    if (end !== undefined) inFlight.askAndEnd(grant, end);
    ends.delete(grant.id);
  }
  for (const grantId of ends.keys()) stopped.written(grantId);
  const late = [...stopped.unwritten].filter(([, { at }]) => Date.now() - Date.parse(at) > LATE_MS);
  // Tried in an earlier round: after a restart many are late, and none of them was tried yet.
  const held = late.map(([grantId]) => grantId).filter((grantId) => resting.has(grantId));
  if (held.length === 0) alarms.clear('rows_held');
  else
    alarms.raise(
      'rows_held',
      heldText(held, (grantId) => live.find(grantId) !== undefined),
    );
}

/** One that lives is named before those that are dead. */
function heldText(held: readonly string[], lives: (grantId: string) => boolean): string {
  const living = held.find(lives);
  const now = living === undefined ? 'nothing is had for it any more' : 'STILL LIVE at its target';
  const more = held.length > 1 ? ` So are the rows of ${held.length - 1} more.` : '';
  return `Grant ${living ?? held[0]} is over, and ${now}, but its row cannot say so: somebody holds it locked.${more} See who holds locks in Countersign’s database.`;
}

/** What the chain says is over. Last, and by itself: no fault of it keeps anything from ending in time. */
async function endByChain(warden: Warden, inFlight: EndingsInFlight): Promise<void> {
  const { authority, log } = warden;
  if (!authority.isSetUp()) return;
  try {
    await endFrozen(warden, inFlight);
    await endLeftBehind(warden, inFlight);
  } catch (error) {
    log.warn({ err: error }, 'what the chain has ended could not be looked for');
  }
}

/**
 * Whatever lives while everything is frozen is ended, by the warden itself: web
 * ends what it sees in the moment of the freeze, and not what was being made then (P9).
 * By rows, and by the warden's own files: whoever owns the tables could have written that it ended.
 */
async function endFrozen(warden: Warden, inFlight: EndingsInFlight): Promise<void> {
  const { authority, db, vault } = warden;
  if (!(await frozen(warden, await authority.current(db)))) return;
  const live = await db.grant.findMany({
    where: { ...LIVE, id: { notIn: [...inFlight.expiring()] } },
    take: BATCH,
  });
  // Again after the rows: what was approved since a key ended the freeze is nobody's loss.
  if (!(await frozen(warden, await authority.current(db)))) return;
  const end = { reason: 'revoked', by: 'warden' } as const;
  for (const grant of live) inFlight.askAndEnd(grant, end);
  const kept = [...vault.live.list().map(({ grantId }) => grantId), ...vault.ledger.live()];
  for (const grantId of kept) if (!vault.stopped.has(grantId)) stop(warden, grantId, end);
}

function restMs(next: Date | null, now: Date): number {
  if (next === null) return LONGEST_REST_MS;
  return Math.min(LONGEST_REST_MS, Math.max(0, next.getTime() - now.getTime()));
}

/**
 * An exact operation that was running when the warden died may have run or not:
 * it is never tried again. Only at the start, when nothing of ours is running; what
 * a copy of the gateway was ordered to run goes on without us, and ends by time.
 */
export async function voidInterrupted({ db, log }: Warden, inFlight: EndingsInFlight): Promise<void> {
  const interrupted = await db.$queryRaw<Array<{ id: string; targetId: string }>>`
    SELECT id, target_id AS "targetId" FROM grants g WHERE kind = 'exact' AND state = 'active'
      AND NOT EXISTS (SELECT FROM orders o WHERE o.grant_id = g.id AND o.runs)`;
  for (const grant of interrupted) {
    inFlight.askAndEnd(grant, { reason: 'voided', by: 'warden' });
    log.warn({ grantId: grant.id }, 'an exact operation was interrupted by a restart; it is voided and never repeated');
  }
}
