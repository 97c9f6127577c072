import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Authority, SignedAgent } from '#lib/authority';
import { restKey } from '#lib/authority';
import { canonicalText, iso, type Json, sha256Base64url } from '#lib/core';
import {
  type AgentRecord,
  openRecord,
  type RecordKind,
  type RestRecord,
  signRecord,
  type TargetRecord,
} from '#lib/records';
import { isUpstream } from '#lib/targets';

/** A record as its row holds it. */
export interface PublishedRecord {
  readonly kind: RecordKind;
  readonly id: string;
  readonly body: string;
  readonly signature: string;
  /** SHA-256 of the body, base64url. */
  readonly digest: string;
}

/** What the gateway is told of, not signed yet: by kind and id. `counts` says which agents count now. */
export function toPublish(
  authority: Authority,
  counts: (agent: SignedAgent) => boolean,
): ReadonlyMap<string, Unsigned> {
  const all: Unsigned[] = [];
  const upstreams = [...authority.targets.values()].filter(({ config }) => isUpstream(config));
  for (const { id, config, secretDigest, chainHash, active } of upstreams)
    all.push({ kind: 'target', id, value: { id, config, secretDigest, chainHash, active } satisfies TargetRecord });
  const known = new Set(upstreams.map(({ id }) => id));
  for (const rest of authority.rests.values()) {
    const agent = authority.agents.get(rest.agentId);
    if (agent === undefined || !known.has(rest.targetId)) continue;
    const { tokenHash: tokenThumbprint, keyThumbprint } = agent;
    const value = { ...rest, reads: [...rest.reads], tokenThumbprint, keyThumbprint } satisfies RestRecord;
    all.push({ kind: 'rest', id: restKey(rest.agentId, rest.targetId), value });
  }
  for (const agent of authority.agents.values()) {
    const { id, tokenHash, publicJwk } = agent;
    const before = agent.before && { ...agent.before, until: iso(agent.before.until) };
    const value = { id, tokenHash, publicJwk, before, active: counts(agent) } satisfies AgentRecord;
    all.push({ kind: 'agent', id, value });
  }
  return new Map(all.map((one) => [`${one.kind} ${one.id}`, one]));
}

interface Unsigned {
  readonly kind: RecordKind;
  readonly id: string;
  readonly value: object;
}

/** As last committed, undefined where nobody knows; and as the rows are now, which somebody may have changed since. */
interface Before {
  readonly known: ReadonlyMap<string, PublishedRecord> | undefined;
  readonly rows: ReadonlyMap<string, PublishedRecord>;
}

interface Signed {
  readonly after: Map<string, PublishedRecord>;
  readonly changed: PublishedRecord[];
  readonly gone: PublishedRecord[];
  /** Names of rows that somebody else wrote, changed or took away. */
  readonly foreign: string[];
}

/**
 * Signs what is new, says something else than before, or does not lie in its row
 * as the warden signed it; keeps the rest as it is.
 */
export function signChanged(key: KeyObject, { known, rows }: Before, wanted: ReadonlyMap<string, Unsigned>): Signed {
  const publicKey = createPublicKey(key);
  const isOwn = (name: string, row: PublishedRecord): boolean =>
    known === undefined ? isSigned(publicKey, row) : isSame(row, known.get(name));
  const own = new Map([...rows].filter(([name, row]) => isOwn(name, row)));
  const after = new Map<string, PublishedRecord>();
  const changed: PublishedRecord[] = [];
  for (const [name, { kind, id, value }] of wanted) {
    const row = own.get(name);
    if (row !== undefined && row.body === canonicalText(value as Json)) {
      after.set(name, row);
      continue;
    }
    const signed = signRecord(key, kind, value as Json);
    const record = { kind, id, ...signed, digest: sha256Base64url(signed.body) };
    after.set(name, record);
    changed.push(record);
  }
  const gone = [...rows].filter(([name]) => !after.has(name)).map(([, record]) => record);
  const names = new Set([...rows.keys(), ...(known?.keys() ?? [])]);
  return { after, changed, gone, foreign: [...names].filter((name) => !own.has(name)) };
}

/** Texts are compared where something is known: that costs no signature. */
const isSame = (row: PublishedRecord, known: PublishedRecord | undefined): boolean =>
  known !== undefined && row.body === known.body && row.signature === known.signature && row.digest === known.digest;

const isSigned = (key: KeyObject, row: PublishedRecord): boolean =>
  row.digest === sha256Base64url(row.body) && openRecord(key, row.kind, z.unknown(), row) !== null;
