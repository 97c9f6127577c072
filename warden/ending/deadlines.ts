import { loop, perTargetLimit, withTimeout } from '#lib/process';
import { withMutex } from '#warden/pulse';
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
 * Ends what is past its time at its target, and at once what was stopped, by the warden's own files and clock:
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

  const isPast = ({ until }: LiveCredential): boolean => now().getTime() >= until.getTime() + GRACE_MS;

  async function takeAwayAt(credential: LiveCredential): Promise<void> {
    const { grantId, targetId } = credential;
    if (await targets.run(targetId, () => takeAway(warden, credential))) warden.vault.live.over(grantId);
    else warden.log.error({ grantId }, 'a credential that is over is not dead yet; it is tried again');
  }

  async function end(credential: LiveCredential): Promise<void> {
    const { grantId } = credential;
    try {
      // A mint under way is waited for: it would be proven dead before it is born. Past its time nothing is waited for.
      if (isPast(credential)) await takeAwayAt(credential);
      else await withMutex(grantId, () => takeAwayAt(credential));
    } catch (error) {
      warden.log.error({ err: error, grantId }, 'a credential that is over could not be ended; it is tried again');
    } finally {
      triedMs.set(grantId, performance.now());
      inFlight.delete(grantId);
    }
  }

  const isDue = (credential: LiveCredential): boolean => {
    const { grantId } = credential;
    if (inFlight.has(grantId) || !(isPast(credential) || warden.vault.stopped.has(grantId))) return false;
    return performance.now() - (triedMs.get(grantId) ?? Number.NEGATIVE_INFINITY) >= PAUSE_MS;
  };

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
