import { z } from 'zod';
import { addSeconds, iso } from '#lib/core';
import { type Db, databaseNow } from '#lib/db';
import type { GatewayCopyView, GatewayView, StatusView, Viewer } from '#lib/views';
import { web } from '../web';
import { keyInForce, sealedToEarlierKey } from './gateway-keys';

/** A copy says four times a second that it is there. */
const SILENT_AFTER_SECONDS = 10;

/** A copy that went away is shown for so long: a restart that lost its folder is a copy of another name. */
const SHOWN_SECONDS = 3_600;

const BEHIND = { state: 'active', kind: { in: ['graphql', 'http'] } };

/** What the warden makes of the keys. Only it sees the file. */
const Said = z
  .object({ file: z.string().nullable(), copies: z.array(z.string()) })
  .nullable()
  .catch(null);

/** Reads the gateway's key, its copies and what is left to do after a change of key; null for all but owners. */
export async function readGateway(viewer: Viewer): Promise<GatewayView | null> {
  if (viewer.role !== 'owner') return null;
  const { db } = web();
  const [inForce, earlier, targets, status, now] = await Promise.all([
    keyInForce(db),
    sealedToEarlierKey(db),
    db.target.findMany({ where: BEHIND, select: { id: true, name: true }, orderBy: { name: 'asc' } }),
    db.wardenStatus.findUnique({ where: { id: 1 }, select: { gateway: true, pulseAt: true } }),
    databaseNow(db),
  ]);
  const fresh = status !== null && status.pulseAt >= addSeconds(now, -SILENT_AFTER_SECONDS);
  const said = fresh ? Said.parse(status.gateway) : null;
  return {
    key: inForce === null ? null : shown(inForce),
    file: said?.file,
    copies: await copiesOf(db, now, said?.copies ?? null),
    targets,
    typeAgain: targets.filter(({ id }) => earlier(id)),
  };
}

const shown = ({ thumbprint, since, by, first }: NonNullable<GatewayView['key']>) => ({ thumbprint, since, by, first });

async function copiesOf(db: Db, now: Date, believed: readonly string[] | null): Promise<GatewayCopyView[]> {
  const rows = await db.gatewayInstance.findMany({
    where: { seenAt: { gt: addSeconds(now, -SHOWN_SECONDS) } },
    select: { id: true, startedAt: true, seenAt: true },
    orderBy: [{ seenAt: 'desc' }, { id: 'asc' }],
    take: 20,
  });
  return rows.map(({ id, startedAt, seenAt }) => ({
    id,
    startedAt: iso(startedAt),
    seenAt: iso(seenAt),
    state: seenAt >= addSeconds(now, -SILENT_AFTER_SECONDS) ? 'running' : 'silent',
    believed: believed === null ? null : believed.includes(id),
  }));
}

/** Whether any copy runs, where a target needs one. */
export async function gatewayState(db: Db, now: Date): Promise<StatusView['gateway']> {
  const target = await db.target.findFirst({ where: BEHIND, select: { id: true } });
  if (target === null) return 'none';
  const copy = await db.gatewayInstance.findFirst({
    where: { seenAt: { gte: addSeconds(now, -SILENT_AFTER_SECONDS) } },
    select: { id: true },
  });
  return copy === null ? 'silent' : 'running';
}
