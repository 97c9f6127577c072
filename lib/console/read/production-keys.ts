import { z } from 'zod';
import { addSeconds, iso } from '#lib/core';
import { type Db, databaseNow } from '#lib/db';
import type { ProductionKeysView, Viewer } from '#lib/views';
import { web } from '../web';
import { recoveryCode } from './recovery';

/*
 * Which keys production takes, as the chain's rows tell it. Web checks none of
 * their signatures: it shows them, and the warden goes by what it verified itself.
 */

const First = z.object({ acceptsClaimed: z.boolean().optional(), human: z.object({ name: z.string() }) });
const Decided = z.object({ acceptsClaimed: z.boolean(), approver: z.object({ name: z.string() }) });

/** Whether production takes keys whose hardware nobody proved, since when and by whom; null before there is a chain. */
async function decided(db: Db): Promise<Omit<ProductionKeysView, 'makers' | 'recovery'> | null> {
  const row =
    (await db.chainEntry.findFirst({ where: { kind: 'keys.accept' }, orderBy: { seq: 'desc' } })) ??
    (await db.chainEntry.findFirst({ where: { seq: 1 } }));
  if (row === null) return null;
  const since = iso(row.createdAt);
  if (row.seq > 1) {
    const { acceptsClaimed, approver } = Decided.parse(JSON.parse(row.statement));
    return { acceptsClaimed, since, by: approver.name, asked: true };
  }
  const { acceptsClaimed, human } = First.parse(JSON.parse(row.statement));
  return { acceptsClaimed: acceptsClaimed ?? false, since, by: human.name, asked: acceptsClaimed !== undefined };
}

export const acceptsClaimed = async (db: Db): Promise<boolean> => (await decided(db))?.acceptsClaimed ?? false;

const Makers = z
  .object({ roots: z.int(), metadata: z.object({ number: z.int(), nextUpdate: z.iso.date() }).nullable() })
  .nullable()
  .catch(null);

const Alarms = z.array(z.object({ code: z.string() }).transform(({ code }) => code)).catch([]);

const SILENT_AFTER_SECONDS = 10;

/** Reads what settings shows: the decision, and by whose word the warden takes keys for proven. */
export async function readProductionKeys(_viewer: Viewer): Promise<ProductionKeysView | null> {
  const { db } = web();
  const [decision, code, status, now] = await Promise.all([
    decided(db),
    recoveryCode(db),
    db.wardenStatus.findUnique({ where: { id: 1 }, select: { makers: true, pulseAt: true, alarms: true } }),
    databaseNow(db),
  ]);
  if (decision === null) return null;
  const fresh = status !== null && status.pulseAt >= addSeconds(now, -SILENT_AFTER_SECONDS);
  const makers = fresh ? Makers.parse(status.makers) : null;
  return {
    ...decision,
    recovery:
      code === null ? null : { ...code, waits: fresh && Alarms.parse(status.alarms).includes('recovery_begun') },
    makers: makers === null ? null : { ...makers, metadata: shown(makers.metadata, now) },
  };
}

const DAY_SECONDS = 86_400;

/** FIDO's metadata counts on past its date; what was reported since is missing in it. */
function shown(metadata: NonNullable<z.infer<typeof Makers>>['metadata'], now: Date) {
  if (metadata === null) return null;
  const overdue = (now.getTime() - Date.parse(metadata.nextUpdate)) / 1000 / DAY_SECONDS;
  return { ...metadata, overdueDays: Math.max(0, Math.floor(overdue)) };
}
