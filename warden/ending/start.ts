import { loop } from '#lib/process';
import type { Warden } from '../context';
import { startDeadlines } from './deadlines';
import { endingsInFlight } from './in-flight';
import { endOrphans } from './orphans';
import { sweep, voidInterrupted } from './sweep';

const ORPHANS_MS = 60_000;

/**
 * Starts ending: at once what a crash left behind, then every grant when its
 * time is over or somebody asks. Timers only say when to look; the database's
 * clock says what is over (T77).
 */
export function startEnding(warden: Warden): { stop(): Promise<void> } {
  const deadlines = startDeadlines(warden);
  const inFlight = endingsInFlight(warden);
  const onError = (error: unknown): void =>
    warden.log.warn({ err: error }, 'a sweep failed; the next one comes in a second');
  let recovered = false;
  const sweeps = loop(
    async () => {
      if (!recovered) await voidInterrupted(warden, inFlight);
      recovered = true;
      return sweep(warden, inFlight);
    },
    { onError },
  );
  const orphans = loop(
    async () => {
      if (warden.authority.isSetUp()) await endOrphans(warden);
      return ORPHANS_MS;
    },
    { onError, retryMs: 10_000 },
  );
  const unsubscribe = warden.listener.onNotice((notice) => {
    if (notice === null || notice.table === 'chain') sweeps.wake();
    else if (notice.table === 'grants') void endIfAsked(warden, inFlight, notice.id).catch(onError);
  });
  return {
    async stop() {
      unsubscribe();
      await Promise.all([deadlines.stop(), sweeps.stop(), orphans.stop()]);
      await inFlight.idle();
    },
  };
}

/** The short way from Revoke to dead. One that was tried before is seen, and waits for its turn in the sweep. */
async function endIfAsked(
  { db }: Warden,
  inFlight: ReturnType<typeof endingsInFlight>,
  grantId: string,
): Promise<void> {
  const grant = await db.grant.findUnique({
    where: { id: grantId },
    select: { id: true, targetId: true, state: true, retryAt: true, endReason: true, endedBy: true },
  });
  if (grant?.state !== 'ending') return;
  if (grant.retryAt === null) inFlight.end(grant);
  else inFlight.see(grant);
}
