import { type Db, type Grant, isUnreachable, transactBriefly } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { loop } from '#lib/process';
import type { Warden } from '../context';

/** Copies of what the gateway counted are this old at most; a spent grant is ended at once. */
const COPY_MS = 1_000;

/** Longer than a copy and its next try take. */
const JUST_SECONDS = 5;

/**
 * Starts keeping count of what was used at the gateway: copies of it for people
 * to see, and the end of a grant whose uses are spent. The gateway itself refuses
 * the one after the last; nothing waits for this.
 */
export function startUses(warden: Warden): { stop(): Promise<void> } {
  const { db, listener, log } = warden;
  let everything = true;
  /** Grants whose rows could not be written: they are tried again. */
  const late = new Set<string>();
  const waits = (error: unknown): void => log.warn({ err: error }, 'uses wait for the database');
  const rounds = loop(
    async () => {
      const ids = new Set([...late, ...(everything ? await grantsInUse(db) : await grantsJustUsed(db))]);
      everything = false;
      for (const id of ids) {
        late.delete(id);
        await copyUses(warden, id).catch((error: unknown) => {
          if (isUnreachable(error)) throw error;
          // Held locked, it keeps none of the others waiting (P8).
          late.add(id);
          waits(error);
        });
      }
      await copyLastSeen(db);
      return COPY_MS;
    },
    {
      onError(error) {
        everything = true;
        waits(error);
      },
    },
  );
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null) everything = true;
    else if (notice.table === 'grant_uses')
      void endIfSpent(warden, notice.id).catch((error: unknown) => log.warn({ err: error }, 'a spent grant waits'));
  });
  return {
    async stop() {
      unsubscribe();
      await rounds.stop();
    },
  };
}

const grantsInUse = async (db: Db): Promise<string[]> => {
  const rows = await db.$queryRaw<Array<{ id: string }>>`
    SELECT g.id FROM grants g WHERE g.state = 'active' AND EXISTS (SELECT FROM grant_uses u WHERE u.grant_id = g.id)`;
  return rows.map(({ id }) => id);
};

const grantsJustUsed = async (db: Db): Promise<string[]> => {
  const rows = await db.$queryRaw<Array<{ id: string }>>`
    SELECT DISTINCT grant_id AS id FROM audit_events
    WHERE kind = 'grant.used' AND recorded_at > clock_timestamp() - make_interval(secs => ${JUST_SECONDS})`;
  return rows.map(({ id }) => id);
};

/** Counted ones by their highest number, which an index tells; the others one by one. */
async function countOf(db: Db, grantId: string): Promise<number> {
  const rows = await db.$queryRaw<Array<{ highest: number | null; all: number }>>`
    SELECT max(n) AS highest, (CASE WHEN max(n) IS NULL THEN (SELECT count(*) FROM grant_uses WHERE grant_id = ${grantId}) ELSE 0 END)::int AS "all"
    FROM grant_uses WHERE grant_id = ${grantId}`;
  return rows[0]?.highest ?? rows[0]?.all ?? 0;
}

async function copyUses(warden: Warden, grantId: string): Promise<void> {
  const { db } = warden;
  await endIfSpent(warden, grantId);
  const uses = await countOf(db, grantId);
  await db.$executeRaw`
    UPDATE grants SET uses = ${uses}, version = version + 1 WHERE id = (
      SELECT id FROM grants WHERE id = ${grantId} AND uses < ${uses} AND (max_uses IS NULL OR max_uses >= ${uses})
      FOR UPDATE NOWAIT)`;
}

/** Decided once; a row that was held locked then is the sweep's to write. */
async function endIfSpent({ db, vault }: Warden, grantId: string): Promise<void> {
  if (vault.stopped.has(grantId)) return;
  const grant: Pick<Grant, 'maxUses' | 'state'> | null = await db.grant.findUnique({
    where: { id: grantId },
    select: { maxUses: true, state: true },
  });
  if (grant?.state !== 'active' || grant.maxUses === null) return;
  if ((await countOf(db, grantId)) < grant.maxUses) return;
  // All of them, and not the last number: it may be stored before one that was given out earlier.
  const spent = await db.grantUse.count({ where: { grantId } });
  if (spent < grant.maxUses) return;
  vault.stopped.add(grantId, { reason: 'spent', by: 'warden' });
  await transactBriefly(db, async (tx, now) => {
    await tx.grant.updateMany({ where: { id: grantId, state: 'active' }, data: { uses: grant.maxUses ?? 0 } });
    await askForEnd(tx, now, grantId, { reason: 'spent', by: 'warden' });
  });
}

/** When an agent was last seen at the gateway, to the minute and by the database's clock (T77): the gateway may not write it. */
async function copyLastSeen(db: Db): Promise<void> {
  await db.$executeRaw`
    UPDATE agents a SET last_seen_at = seen.at FROM (
      SELECT agent_id, max(recorded_at) AS at FROM audit_events
      WHERE kind IN ('gateway.read', 'grant.used') AND recorded_at > clock_timestamp() - interval '10 seconds' GROUP BY agent_id
    ) AS seen
    WHERE a.id = seen.agent_id AND (a.last_seen_at IS NULL OR a.last_seen_at < seen.at - interval '1 minute')`;
}
