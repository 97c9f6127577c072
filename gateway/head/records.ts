import type { KeyObject } from 'node:crypto';
import { sha256Base64url } from '#lib/core';
import {
  AgentRecord,
  openRecord,
  type RecordKind,
  RestRecord,
  recordsDigest,
  type SignedRecord,
  TargetRecord,
} from '#lib/records';

/** A row of `records`, as it came and not yet believed. */
export interface RecordRow extends SignedRecord {
  readonly kind: string;
  readonly id: string;
}

/** What every current record says. */
export interface Records {
  readonly targets: readonly TargetRecord[];
  readonly agents: readonly AgentRecord[];
  readonly rests: readonly RestRecord[];
}

type Opened = TargetRecord | AgentRecord | RestRecord;

const SCHEMAS = { target: TargetRecord, agent: AgentRecord, rest: RestRecord } as const;

/**
 * Opens records by their signatures and the digest of all of them. A record is
 * opened once a text: reading the same ones again costs no signature.
 */
export function recordOpener(wardenKey: KeyObject): (rows: readonly RecordRow[], digest: string) => Records | null {
  let known = new Map<string, Opened>();

  function opened({ kind, body, signature }: RecordRow): Opened | null {
    const before = known.get(keyOf({ kind, body, signature }));
    if (before !== undefined) return before;
    if (!Object.hasOwn(SCHEMAS, kind)) return null;
    const schema = SCHEMAS[kind as keyof typeof SCHEMAS];
    return openRecord<Opened>(wardenKey, kind as RecordKind, schema, { body, signature });
  }

  return (rows, digest) => {
    if (recordsDigest(rows.map(({ kind, id, body }) => ({ kind, id, digest: sha256Base64url(body) }))) !== digest)
      return null;
    const next = new Map<string, Opened>();
    for (const row of rows) {
      const record = opened(row);
      if (record === null) return null;
      next.set(keyOf(row), record);
    }
    known = next;
    return sorted(rows, next);
  };
}

const keyOf = ({ kind, body, signature }: Omit<RecordRow, 'id'>): string => `${kind} ${signature} ${body}`;

function sorted(rows: readonly RecordRow[], opened: ReadonlyMap<string, Opened>): Records {
  const of = <T extends Opened>(wanted: string): T[] =>
    rows.filter(({ kind }) => kind === wanted).map((row) => opened.get(keyOf(row)) as T);
  return { targets: of<TargetRecord>('target'), agents: of<AgentRecord>('agent'), rests: of<RestRecord>('rest') };
}
