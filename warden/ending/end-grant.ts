import { DomainError } from '#lib/core';
import type { Db, Grant, Tx } from '#lib/db';
import { markEnded, markTrouble } from '#lib/grants';
import { withTimeout } from '#lib/process';
import { ORDER_SECONDS, runIsOver } from '#warden/issuer';
import { withMutex } from '#warden/pulse';
import type { Prepared, Proof, Target } from '#warden/targets';
import { keepEnded, type LiveCredential } from '#warden/vault';
import type { Warden } from '../context';
import type { Reach } from './reach';

const PATIENCE_SECONDS = 30;
/** For a run whose result was just recorded; one that still waits for its answer is waited for elsewhere. */
const MOMENT_MS = 2_000;
const PAUSES_SECONDS = [1, 2, 5, 10, 30] as const;

/**
 * Ends one grant and proves it, or finds that it is STILL LIVE and why (P5).
 * Returns what its row is to say of that, which tells for how many seconds to pause where it is to be tried again;
 * null where the row asks for no end.
 * Safe to repeat at any point and safe beside another warden doing the same:
 * taking away twice takes away nothing more, and only one of them moves the row.
 * Throws where the database is away; the grant stays `ending` and comes round again.
 */
export function endGrant(
  warden: Warden,
  reach: Reach,
  grantId: string,
): Promise<((tx: Tx, now: Date) => Promise<number>) | null> {
  return withMutex(grantId, async () => {
    const grant = await warden.db.grant.findUnique({ where: { id: grantId } });
    if (grant?.state !== 'ending') return null;
    // What was made, and where, the ledger knows: whoever owns the tables can write another target into the row, or none.
    const made = warden.vault.live.find(grantId);
    const taken = await takeAway(warden, reach, grant, made);
    const { dead, lines } = taken.dead ? await outcomeOf(warden, grant, taken) : taken;
    if (taken.dead && made !== undefined) warden.vault.live.over(grantId);
    // Beside the database first: whoever owns the tables can put the row back in time.
    if (dead) keepEnded(warden.vault, grantId, grant.requestId);
    return async (tx, now) => {
      const pause = dead ? 0 : pauseSeconds(grant, now);
      if (dead) await markEnded(tx, now, grantId, lines);
      else await markTrouble(tx, now, grantId, lines.join(' '), pause);
      return pause;
    };
  });
}

async function takeAway(warden: Warden, reach: Reach, grant: Grant, made: LiveCredential | undefined): Promise<Proof> {
  if (grant.reference === null && made === undefined) return { dead: true, lines: ['No credential was ever made.'] };
  try {
    const target = await reach(made?.targetId ?? grant.targetId);
    const prepared = await preparedOf(warden, grant, target);
    const left = await withTimeout(PATIENCE_SECONDS, target.end(prepared.reference));
    const { dead, lines } = await withTimeout(PATIENCE_SECONDS, target.probe(prepared));
    return { dead, lines: dead ? [...lines, ...left] : lines };
  } catch (error) {
    if (error instanceof DomainError) return { dead: false, lines: [error.message] };
    throw error;
  }
}

/** An operation that was sent cannot be called back: the grant is not ended before its answer is there. */
async function outcomeOf(warden: Warden, { id, kind, reference }: Grant, { lines }: Proof): Promise<Proof> {
  if (kind !== 'exact' || reference === null) return { dead: true, lines };
  const { db, vault } = warden;
  const over = (await runIsOver(vault, id, MOMENT_MS)) && !(await isOrdered(warden, id));
  if (!over) return { dead: false, lines: [UNDER_WAY] };
  const grant = await db.grant.findUniqueOrThrow({ where: { id }, select: { result: true } });
  return { dead: true, lines: grant.result === null ? [...lines, UNKNOWN_OUTCOME] : lines };
}

/** How long after an order's end its copy may still wait for the provider's answer, and have it told. */
const ANSWER_SECONDS = 180;

/** Whether a copy of the gateway may be running it: ordered, nothing told, and its time not over (by the database's clock). */
async function isOrdered({ db }: Warden, grantId: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM orders o LEFT JOIN order_results r ON r.order_id = o.id
    WHERE o.grant_id = ${grantId} AND o.runs AND r.order_id IS NULL
      AND o.created_at > clock_timestamp() - make_interval(secs => ${ORDER_SECONDS + ANSWER_SECONDS})`;
  return rows.length > 0;
}

const UNDER_WAY = 'Its operation is under way in this moment: what was sent cannot be called back.';

/** Cut off between running and recording: nobody here knows which. */
const UNKNOWN_OUTCOME = 'No result of the operation was recorded. If nobody was told why, look at the target.';

/**
 * The dead credential, to knock with. Its name follows from the grant's id and
 * not from the row; one stolen from the table is missed by the knock and not by the catalogue.
 */
async function preparedOf({ db, vault }: Warden, grant: Grant, target: Target): Promise<Prepared> {
  const { reference } = target.prepare(grant.id);
  const row = await db.sealed.findUnique({ where: { ownerId: grant.id } });
  return { reference, secret: row === null ? '' : vault.open(grant.id, row.sealed) };
}

/** Longer with every try, but never past the moment a credential dies of age. */
function pauseSeconds({ attempts, expiresAt }: Grant, now: Date): number {
  const pause = PAUSES_SECONDS[Math.min(attempts, PAUSES_SECONDS.length - 1)] ?? 30;
  const left = expiresAt === null ? 0 : (expiresAt.getTime() - now.getTime()) / 1000;
  return left > 0 ? Math.min(pause, left) : pause;
}

/** Every grant past its end and not proven dead, as one alarm. */
export async function stillLiveText(db: Db): Promise<string | null> {
  const stuck = await db.grant.findMany({
    where: { state: 'ending', trouble: { not: null } },
    include: { target: { select: { name: true } } },
    orderBy: { endingAt: 'asc' },
  });
  const [first] = stuck;
  if (first === undefined) return null;
  const more = stuck.length > 1 ? ` So are ${stuck.length - 1} more.` : '';
  return `Grant ${first.id} at ${first.target.name} is STILL LIVE: ${first.trouble}${more} Countersign keeps trying.`;
}
