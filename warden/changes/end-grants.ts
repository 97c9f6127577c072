import type { Prisma, Tx } from '#lib/db';
import { askForEnd } from '#lib/grants';

/** Ends every live grant that rests on what was taken away. The target's secret stays, since ending needs it. */
export async function endGrants(tx: Tx, now: Date, by: string, where: Prisma.GrantWhereInput): Promise<void> {
  const live = await tx.grant.findMany({
    where: { ...where, state: { in: ['waiting', 'ready', 'active'] } },
    select: { id: true },
  });
  for (const { id } of live) await askForEnd(tx, now, id, { reason: 'revoked', by });
}
