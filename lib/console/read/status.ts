import { z } from 'zod';
import { type Db, databaseNow, type Prisma } from '#lib/db';
import type { StatusView } from '#lib/views';
import { readFreeze } from '../act/freeze';
import { web } from '../web';
import { gatewayState } from './gateway';
import { findGrants } from './grant-view';
import { acceptsClaimed } from './production-keys';

/** A warden whose last pulse is older than this counts as silent. */
const SILENT_AFTER_MS = 10_000;

const Alarms = z.array(z.object({ code: z.string(), text: z.string(), since: z.string() })).catch([]);

/** Reads what the frame of every page shows: the warden's and the gateway's pulse, alarms, a freeze, open requests, live grants. */
export async function readStatus(): Promise<StatusView> {
  const { db } = web();
  const [pulse, now, counts, has, freeze] = await Promise.all([
    db.wardenStatus.findUnique({ where: { id: 1 } }),
    databaseNow(db),
    readCounts(db),
    readBeginnings(db),
    readFreeze(),
  ]);
  const gateway = await gatewayState(db, now);
  const silent = pulse === null || now.getTime() - pulse.pulseAt.getTime() > SILENT_AFTER_MS;
  const warden = silent ? 'silent' : 'running';
  return { warden, gateway, alarms: Alarms.parse(pulse?.alarms), counts, has, freeze };
}

/** A grant is live while its credential may exist at the target. */
async function readCounts(db: Db): Promise<StatusView['counts']> {
  const LIVE: Prisma.GrantWhereInput = { state: { in: ['active', 'ending'] } };
  const [pending, live, suspects] = await Promise.all([
    db.request.count({ where: { state: 'pending' } }),
    db.grant.count({ where: LIVE }),
    findGrants(db, {
      where: { OR: [{ state: 'ending' }, { state: 'active', expiresAt: { lt: await databaseNow(db) } }] },
      take: 500,
    }),
  ]);
  return { pending, live, stillLive: suspects.filter(({ view }) => view.stillLive !== null).length };
}

async function readBeginnings(db: Db): Promise<StatusView['has']> {
  const id = { select: { id: true } } as const;
  const keys = { state: 'active', human: { state: 'active' } } as const;
  const fit = (await acceptsClaimed(db)) ? ['attested', 'claimed'] : ['attested'];
  const [target, agent, request, hardware, production] = await Promise.all([
    db.target.findFirst({ where: { state: 'active' }, ...id }),
    db.agent.findFirst({ where: { state: { not: 'deleted' } }, ...id }),
    db.request.findFirst(id),
    db.key.findFirst({ where: { ...keys, class: { not: 'synced' } }, ...id }),
    db.key.findFirst({ where: { ...keys, class: { in: fit } }, ...id }),
  ]);
  return {
    target: target !== null,
    agent: agent !== null,
    request: request !== null,
    hardwareKey: hardware !== null,
    productionKey: production !== null,
  };
}
