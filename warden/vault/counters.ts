import { openJournal, writePrivate } from '#lib/process';
import type { KeyCounters } from './types';

/** Lines that say nothing any more, before the file is written anew. */
const MOST_DEAD = 1_000;

/** One line, `KEY COUNTER`, each time that one grows. */
export function openCounters(path: string): KeyCounters {
  const before = openJournal(path).list();
  const highest = new Map(before.map((line) => line.split(' ') as [string, string]));
  const lines = (): string => [...highest].map((line) => `${line.join(' ')}\n`).join('');
  if (before.length - highest.size > MOST_DEAD) writePrivate(path, lines());
  const journal = openJournal(path);
  const of = (keyId: string): bigint => BigInt(highest.get(keyId) ?? 0);
  return {
    of,
    note(keyId, counter) {
      if (counter <= of(keyId)) return;
      journal.add(`${keyId} ${counter}`);
      highest.set(keyId, String(counter));
    },
  };
}
