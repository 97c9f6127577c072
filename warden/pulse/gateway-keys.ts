import { addSeconds } from '#lib/core';
import type { Prisma } from '#lib/db';
import type { Warden } from '../context';

/** A copy that has said nothing for this long is shown as gone, whatever its key. */
const COPY_SECONDS = 60;

/**
 * What the console shows of the gateway's keys: the thumbprint of the one that
 * lies in PUBLIC_DIR, which a person may sign for, and the copies whose word
 * counts now. Only the warden sees that file, and only it checks certificates.
 */
export async function gatewayKeys({ db, authority, gateways }: Warden, now: Date): Promise<Prisma.InputJsonObject> {
  const file = gateways.thumbprint();
  // While the chain does not hold nobody's word counts.
  const known = authority.isSetUp() ? await authority.current(db).catch(() => null) : null;
  if (known === null) return { file, copies: [] };
  const rows = await db.gatewayInstance.findMany({
    where: { seenAt: { gt: addSeconds(now, -COPY_SECONDS) } },
    orderBy: { id: 'asc' },
    take: 50,
  });
  return { file, copies: rows.filter((row) => gateways.instanceKey(known, row) !== null).map(({ id }) => id) };
}
