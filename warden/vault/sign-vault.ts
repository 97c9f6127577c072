import { join } from 'node:path';
import { openKeptMap, readPrivate, writePrivate } from '#lib/process';

/** What the sign origin keeps outside the database, in the warden's directory. */
export interface SignVault {
  /** How far each key has counted, so that no row makes a copied key look like the only one, or the only one like a copy. */
  readonly counters: KeyCounters;
  /** What waits on the founder's recovery code, so that no row begins it earlier or begins again what was stopped; null for nothing. */
  readRecovery(): string | null;
  writeRecovery(text: string | null): void;
}

/** The highest counter that each key has signed a statement with. */
interface KeyCounters {
  /** 0 for a key that has not counted yet. */
  of(keyId: string): bigint;
  /** On disk before it returns. A counter that is no higher changes nothing. */
  note(keyId: string, counter: bigint, draftId: string): void;
  /** Whether this very draft was signed already, since the start: the same signature sent again is nobody's copy. */
  hasSeen(draftId: string): boolean;
}

/** Drafts that were signed: each is good for five minutes. */
const MOST_SEEN = 10_000;

/** Opens it. The directory is there: `openVault` makes it. */
export function openSignVault(directory: string): SignVault {
  const recovery = join(directory, 'recovery.json');
  const highest = openKeptMap<string>(join(directory, 'counters.log'));
  const seen = new Set<string>();
  const of = (keyId: string): bigint => BigInt(highest.get(keyId) ?? 0);
  return {
    counters: {
      of,
      note(keyId, counter, draftId) {
        const [oldest] = seen;
        if (seen.size >= MOST_SEEN && oldest !== undefined) seen.delete(oldest);
        seen.add(draftId);
        if (counter > of(keyId)) highest.set(keyId, String(counter));
      },
      hasSeen: (draftId) => seen.has(draftId),
    },
    readRecovery: () => readPrivate(recovery) || null,
    writeRecovery: (text) => writePrivate(recovery, text ?? ''),
  };
}
