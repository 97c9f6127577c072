import { z } from 'zod';
import { iso } from '#lib/core';
import type { Db } from '#lib/db';
import type { GatewayView } from '#lib/views';

/*
 * The gateway's key as the chain's rows tell it. Web checks none of their
 * signatures: it shows them, and the warden goes by what it verified itself.
 */

const First = z.object({ gateway: z.string(), human: z.object({ name: z.string() }) });
const Replaced = z.object({ thumbprint: z.string(), approver: z.object({ name: z.string() }) });

/** The key in force, since when and by whom; null before there is a chain. `seq` is the entry that made it count. */
export async function keyInForce(db: Db): Promise<(NonNullable<GatewayView['key']> & { seq: number }) | null> {
  const row =
    (await db.chainEntry.findFirst({ where: { kind: 'gateway.replace' }, orderBy: { seq: 'desc' } })) ??
    (await db.chainEntry.findFirst({ where: { seq: 1 } }));
  if (row === null) return null;
  const { seq, createdAt, statement } = row;
  const since = iso(createdAt);
  if (seq > 1) {
    const { thumbprint, approver } = Replaced.parse(JSON.parse(statement));
    return { seq, since, thumbprint, by: approver.name, first: false };
  }
  const { gateway, human } = First.parse(JSON.parse(statement));
  return { seq, since, thumbprint: gateway, by: human.name, first: true };
}

const Typed = z.object({ targetId: z.string(), secret: z.enum(['kept', 'replaced']).default('replaced') });

/** Whether the secret of a target was last typed before the key in force counted. It is asked of targets behind the gateway. */
export async function sealedToEarlierKey(db: Db): Promise<(targetId: string) => boolean> {
  const key = await keyInForce(db);
  if (key === null || key.first) return () => false;
  const rows = await db.chainEntry.findMany({
    where: { seq: { gt: key.seq }, kind: { in: ['target.add', 'target.renew'] } },
    select: { statement: true },
  });
  const since = rows.map(({ statement }) => Typed.parse(JSON.parse(statement)));
  const typed = new Set(since.filter(({ secret }) => secret === 'replaced').map(({ targetId }) => targetId));
  return (targetId) => !typed.has(targetId);
}
