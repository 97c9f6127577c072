import type { KeyObject } from 'node:crypto';
import { endedDigest, Head, openRecord } from '#lib/records';
import type { HeadRow } from './read';
import { type RecordRow, type Records, recordOpener } from './records';
import { type SignedState, stateOf } from './state';

/** What came of a reading. */
export type Accepted =
  | { readonly kind: 'nothing' }
  /** The head that is known already, and rows that are what it says. */
  | { readonly kind: 'same' }
  | { readonly kind: 'new'; readonly head: Head; readonly state: SignedState }
  /** In the words of the alarm. */
  | { readonly kind: 'refused'; readonly why: string };

export interface Acceptor {
  accept(row: HeadRow): Accepted;
  /** Digests of what is known, for the next reading. */
  known(): { readonly records: string; readonly ended: string };
  highest(): number;
}

/** Believes heads that the warden signed, one after the other, and rows that are exactly what they say. */
export function createAcceptor(wardenKey: KeyObject, highestSeen: number): Acceptor {
  const openRecords = recordOpener(wardenKey);
  let highest = highestSeen;
  let body: string | null = null;
  let records: { readonly digest: string; readonly all: Records } | null = null;
  let ended: { readonly digest: string; readonly all: ReadonlySet<string> } | null = null;

  function recordsFor({ records: digest }: Head, rows: readonly RecordRow[] | null): typeof records {
    if (rows === null) return records?.digest === digest ? records : null;
    const all = openRecords(rows, digest);
    return all === null ? null : { digest, all };
  }

  function endedFor({ ended: { count, digest } }: Head, ids: readonly string[] | null): typeof ended {
    if (ids === null) return ended?.digest === digest ? ended : null;
    return ids.length === count && endedDigest(ids) === digest ? { digest, all: new Set(ids) } : null;
  }

  function accept(row: HeadRow): Accepted {
    if (row.body === null || row.signature === null) return body === null ? { kind: 'nothing' } : refused(GONE);
    const head = openRecord(wardenKey, 'head', Head, { body: row.body, signature: row.signature });
    if (head === null) return refused(NOT_SIGNED);
    if (head.seq < highest) return refused(OLDER);
    const [nextRecords, nextEnded] = [recordsFor(head, row.records), endedFor(head, row.ended)];
    if (nextRecords === null) return refused(OTHER_RECORDS);
    if (nextEnded === null) return refused(OTHER_ENDED);
    if (row.body === body) return { kind: 'same' };
    if (head.seq === highest && body !== null) return refused(TWICE);
    [records, ended, body, highest] = [nextRecords, nextEnded, row.body, head.seq];
    return { kind: 'new', head, state: stateOf(head, records.all, ended.all) };
  }

  return {
    accept,
    known: () => ({ records: records?.digest ?? '', ended: ended?.digest ?? '' }),
    highest: () => highest,
  };
}

const refused = (what: string): Accepted => ({ kind: 'refused', why: `${what} ${SINCE}` });

const GONE = 'The warden’s head was removed from the database.';
const NOT_SIGNED = 'The head in the database is not signed by the warden.';
const OLDER = 'The database was given an older head of the warden’s than one this copy has seen.';
const TWICE = 'The warden has signed two heads of one number.';
const OTHER_RECORDS = 'The records of targets, agents and reads in the database are not those that the warden signed.';
const OTHER_ENDED = 'The list of ended grants in the database is not the one that the warden signed.';
const SINCE =
  'The gateway goes by what it last read whole, and by nothing once that is too old. Find out who changed it.';
