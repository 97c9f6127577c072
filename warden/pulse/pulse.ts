import { databaseNow, type Prisma, transact } from '#lib/db';
import { type Loop, loop } from '#lib/process';
import { checkProjection } from '#warden/changes';
import { relayAlarms } from '#warden/head';
import type { SignWarden, Warden } from '../context';
import { clockHolds, readClock } from './clock';
import { retireCompromised } from './compromised';
import { gatewayKeys } from './gateway-keys';
import { nameModels } from './models';
import type { RecordedAlarms } from './recorder';
import { watchRecovery } from './recovery';

const HEARTBEAT_MS = 2_000;
const CHAIN_MS = 30_000;
const TAMPERING_SHOWN_MS = 24 * 3_600_000;

/** Starts the pulse: the status row web shows, the clock, the chain, and the record of alarms. */
export function startPulse(warden: SignWarden, recorded: RecordedAlarms): { stop(): Promise<void> } {
  const onError = (error: unknown): void => warden.log.warn({ err: error }, 'the pulse missed a beat');
  const startedAt = new Date();
  const heartbeats = loop(() => heartbeat(warden, recorded, startedAt), { onError });
  const chain = loop(() => lookAtChain(warden), { onError });
  const unsubscribe = warden.listener.onNotice((notice) => {
    if (notice === null || notice.table === 'chain') chain.wake();
  });
  return {
    async stop() {
      unsubscribe();
      await stopAll(heartbeats, chain);
    },
  };
}

const stopAll = async (...loops: readonly Loop[]): Promise<void> => {
  await Promise.all(loops.map((each) => each.stop()));
};

/** Reads the clock, checks it, and writes what web shows and what the record needs. */
async function heartbeat(warden: SignWarden, recorded: RecordedAlarms, startedAt: Date): Promise<number> {
  const { alarms, db } = warden;
  const reading = await readClock(db);
  if (clockHolds(reading)) alarms.clear('clock_skew');
  else alarms.raise('clock_skew', skewText(reading.skewMs));
  await relayAlarms(db, alarms, reading.now);
  forgetOldTampering(warden, reading.now);
  const gateway = await gatewayKeys(warden, reading.now);
  const makers = { ...warden.makers.status() };
  const { settled } = await transact(db, async (tx, now) => {
    const written = await recorded.record(tx, now);
    const status = { pulseAt: now, clockSkewMs: reading.skewMs, alarms: shown(warden), gateway, makers };
    await tx.wardenStatus.upsert({
      where: { id: 1 },
      create: { id: 1, startedAt, ...status },
      update: { startedAt, ...status },
    });
    return written;
  });
  settled();
  return HEARTBEAT_MS;
}

const shown = (warden: Warden): Prisma.InputJsonArray => warden.alarms.list().map((alarm) => ({ ...alarm }));

const skewText = (skewMs: number): string =>
  `This host’s clock is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the database’s. ` +
  'Nothing is minted until they agree within 2 s: set the clock, for example with NTP.';

/** The banner lets go of it after a day; the record never does. */
function forgetOldTampering({ alarms }: Warden, now: Date): void {
  for (const { code, since } of alarms.list()) {
    const past =
      code === 'tampering' ||
      code === 'key_retired' ||
      code === 'gateway_tampering' ||
      code === 'gateway_secret_leaked';
    if (past && now.getTime() - Date.parse(since) > TAMPERING_SHOWN_MS) alarms.clear(code);
  }
}

async function lookAtChain(warden: SignWarden): Promise<number> {
  // Past its time a proof would be refused for its age: nothing is let in by forgetting it.
  const over = { where: { expiresAt: { lt: await databaseNow(warden.db) } } };
  await warden.db.dpopProof.deleteMany(over);
  await warden.db.ticket.deleteMany(over);
  if (warden.authority.isSetUp()) {
    await watchRecovery(warden);
    await checkProjection(warden);
    await retireCompromised(warden);
    await nameModels(warden);
  }
  return CHAIN_MS;
}
