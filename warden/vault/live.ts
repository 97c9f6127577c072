import { openJournal, writePrivate } from '#lib/process';

/** A credential that lives at a target until it is taken away there. */
export interface LiveCredential {
  readonly grantId: string;
  readonly targetId: string;
  /** What it is called there. */
  readonly reference: string;
  /** By the database's clock, when it was collected. */
  readonly until: Date;
  /** How to reach the target, and what to knock with when it is dead: sealed for this grant. */
  readonly sealed: string;
}

/** What lives at targets, beside the database: no row, lock or chain is asked whether it ends in time (P5). */
export interface LiveCredentials {
  /** On disk before it returns, and before the credential exists. */
  begun(credential: LiveCredential): void;
  /** Proven dead. On disk before it returns. */
  over(grantId: string): void;
  /** Undefined where none was begun, or it is over. */
  find(grantId: string): LiveCredential | undefined;
  list(): readonly LiveCredential[];
}

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
