import { openJournal, writePrivate } from '#lib/process';
import type { LiveCredential, LiveCredentials } from './types';

/** Lines that say nothing any more, before the file is written anew. */
const MOST_DEAD = 1_000;

/** One line of JSON for each beginning and each end. */
export function openLiveCredentials(path: string): LiveCredentials {
  const live = new Map<string, LiveCredential>();
  const before = openJournal(path).list();
  for (const line of before) read(line, live);
  if (before.length - live.size > MOST_DEAD) writePrivate(path, [...live.values()].map(begunLine).join(''));
  const journal = openJournal(path);
  return {
    begun(credential) {
      journal.add(begunLine(credential).trimEnd());
      live.set(credential.grantId, credential);
    },
    over(grantId) {
      if (live.delete(grantId)) journal.add(JSON.stringify({ over: grantId }));
    },
    find: (grantId) => live.get(grantId),
    list: () => [...live.values()],
  };
}

const begunLine = ({ grantId, targetId, reference, until, sealed }: LiveCredential): string =>
  `${JSON.stringify({ grantId, targetId, reference, until, sealed })}\n`;

function read(line: string, live: Map<string, LiveCredential>): void {
  const { over, ...begun } = JSON.parse(line) as LiveCredential & { readonly over?: string };
  if (over === undefined) live.set(begun.grantId, { ...begun, until: new Date(begun.until) });
  else live.delete(over);
}
