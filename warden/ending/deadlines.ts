import { loop, perTargetLimit, withTimeout } from '#lib/process';
import type { LiveCredential } from '#warden/vault';
import type { Warden } from '../context';

/** The sweep is first, where it can: it proves and records. */
const GRACE_MS = 2_000;
const LOOK_MS = 500;
const PATIENCE_SECONDS = 30;
const PAUSE_MS = 5_000;
/** After a long outage many are due at once, and their target is somebody's production. */
const PARALLEL_AT_ONE_TARGET = 8;

/**
 * Ends what is past its time at its target, by the warden's own ledger and clock:
 * no row, lock, chain, sequence or free connection of the shared database stands
 * in its way (T83). What the database is told, and proof for people, is the
 * sweep's, as soon as it can.
 */
export function startDeadlines(
  warden: Pick<Warden, 'vault' | 'targets' | 'log'>,
  now: () => Date = () => new Date(),
): { stop(): Promise<void> } {
  const inFlight = new Map<string, Promise<void>>();
  const targets = perTargetLimit(PARALLEL_AT_ONE_TARGET);
  const triedMs = new Map<string, number>();

  async function end(credential: LiveCredential): Promise<void> {
    const { grantId } = credential;
    try {
      if (await targets.run(credential.targetId, () => takeAway(warden, credential))) warden.vault.live.over(grantId);
      else warden.log.error({ grantId }, 'a credential past its time is not dead yet; it is tried again');
    } catch (error) {
      warden.log.error({ err: error, grantId }, 'a credential past its time could not be ended; it is tried again');
    } finally {
      triedMs.set(grantId, performance.now());
      inFlight.delete(grantId);
    }
  }

  const isDue = ({ grantId, until }: LiveCredential): boolean =>
    now().getTime() >= until.getTime() + GRACE_MS &&
    !inFlight.has(grantId) &&
    performance.now() - (triedMs.get(grantId) ?? Number.NEGATIVE_INFINITY) >= PAUSE_MS;

  const looks = loop(
    async () => {
      const live = warden.vault.live.list();
      for (const credential of live.filter(isDue)) inFlight.set(credential.grantId, end(credential));
      const known = new Set(live.map(({ grantId }) => grantId));
      for (const grantId of triedMs.keys()) if (!known.has(grantId)) triedMs.delete(grantId);
      return LOOK_MS;
    },
    { onError: (error) => warden.log.error({ err: error }, 'the ledger could not be looked through') },
  );
  return {
    async stop() {
      await looks.stop();
      await Promise.all(inFlight.values());
    },
  };
}

/** What a way to a target leads to, as it was when the credential was made. */
async function takeAway(
  { vault, targets }: Pick<Warden, 'vault' | 'targets'>,
  { grantId, reference, sealed }: LiveCredential,
): Promise<boolean> {
  const { way, secret } = JSON.parse(vault.open(grantId, sealed)) as { readonly way: string; readonly secret: string };
  const target = targets.reopen(way);
  await withTimeout(PATIENCE_SECONDS, target.end(reference));
  const { dead } = await withTimeout(PATIENCE_SECONDS, target.probe({ reference, secret }));
  return dead;
}
