import { timingSafeEqual } from 'node:crypto';
import { randomToken, refuse, sha256 } from '#lib/core';
import type { Db, Tx } from '#lib/db';
import type { Warden } from '../../context';

const VALID_MS = 30 * 60_000;
/** The database is not there yet. */
const RETRY_MS = 2_000;

/**
 * The one-time code of the first set-up. Lives in memory: a restart makes a new
 * one. Too long to be guessed, so wrong ones are not counted: a stranger who posts
 * ten must not end the owner's.
 */
export interface Setup {
  /** Announces a link while nobody has set this up, and a fresh one whenever it runs out. */
  begin(): void;
  end(): void;
  /** Throws `forbidden` unless this is the code and it still works. */
  check(code: string): void;
  /** Set up: no code works any more. */
  done(): void;
}

interface Code {
  readonly digest: Uint8Array;
  readonly validUntilMs: number;
}

export function createSetup(
  warden: Warden,
  announce: (url: string) => void,
  monotonicMs: () => number = () => performance.now(),
): Setup {
  let current: Code | null = null;
  let timer: NodeJS.Timeout | undefined;

  function issue(): void {
    const code = randomToken(24);
    current = { digest: sha256(code), validUntilMs: monotonicMs() + VALID_MS };
    announce(`${warden.origins.sign}/setup#${code}`);
    timer = setTimeout(() => void renew(), VALID_MS).unref();
  }

  async function renew(): Promise<void> {
    current = null;
    const open = await needsSetup(warden, warden.db).catch(() => null);
    if (open === null) timer = setTimeout(() => void renew(), RETRY_MS).unref();
    else if (open) issue();
  }

  return {
    begin: () => void renew(),
    end: () => clearTimeout(timer),
    check(code) {
      const given = sha256(code);
      const known = current;
      if (known === null || monotonicMs() >= known.validUntilMs)
        return refuse('forbidden', 'This link is over. The terminal shows a fresh one; if not, restart Countersign.');
      if (timingSafeEqual(given, known.digest)) return;
      refuse('forbidden', 'This is not the code that was printed. Open the link exactly as the terminal shows it.');
    },
    done() {
      current = null;
      clearTimeout(timer);
    },
  };
}

/**
 * Whether the first key is still to be registered. A pin without an entry is a
 * set-up that was cut off between the two: it may be done again, as long as
 * nothing was ever built on it. An entry without a pin is another warden's
 * database, and not ours to take.
 */
export async function needsSetup({ vault, alarms }: Pick<Warden, 'vault' | 'alarms'>, db: Db | Tx): Promise<boolean> {
  const pin = vault.readPin();
  if (pin !== null && pin.head.seq > 1) return false;
  const entries = await db.chainEntry.count();
  if (pin === null && entries > 0) {
    alarms.raise(
      'chain_broken',
      'This database was set up by another warden, whose pin is not in this warden’s folder. Bring back that folder, or start with an empty database.',
    );
  }
  return entries === 0;
}
