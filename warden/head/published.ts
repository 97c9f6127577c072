import type { KeyObject } from 'node:crypto';
import type { Authority } from '#lib/authority';
import { restKey } from '#lib/authority';
import { canonicalText, type Json, sha256Base64url } from '#lib/core';
import type { Agent } from '#lib/db';
import { type AgentRecord, type RecordKind, type RestRecord, signRecord, type TargetRecord } from '#lib/records';
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

/** An agent as far as the gateway has to know it. */
export type AgentRow = Pick<Agent, 'id' | 'tokenHash' | 'publicJwk' | 'state'>;

/** What the gateway is told of, not signed yet: by kind and id. */
export function toPublish(authority: Authority, agents: readonly AgentRow[]): ReadonlyMap<string, Unsigned> {
  const all: Unsigned[] = [];
  const upstreams = [...authority.targets.values()].filter(({ config }) => isUpstream(config));
  for (const { id, config, secretDigest, chainHash, active } of upstreams)
    all.push({ kind: 'target', id, value: { id, config, secretDigest, chainHash, active } satisfies TargetRecord });
  const known = new Set(upstreams.map(({ id }) => id));
  for (const rest of authority.rests.values())
    if (known.has(rest.targetId))
      all.push({
        kind: 'rest',
        id: restKey(rest.agentId, rest.targetId),
        value: { ...rest, reads: [...rest.reads] } satisfies RestRecord,
      });
  for (const { id, tokenHash, publicJwk, state } of agents) {
    const value = { id, tokenHash, publicJwk: publicJwk as Json, active: state === 'active' };
    all.push({ kind: 'agent', id, value: value as AgentRecord });
  }
  return new Map(all.map((one) => [`${one.kind} ${one.id}`, one]));
}

interface Unsigned {
  readonly kind: RecordKind;
  readonly id: string;
  readonly value: object;
}

/** Signs what is new or says something else than before; keeps the rest as it is. */
export function signChanged(
  key: KeyObject,
  before: ReadonlyMap<string, PublishedRecord>,
  wanted: ReadonlyMap<string, Unsigned>,
): {
  readonly after: Map<string, PublishedRecord>;
  readonly changed: PublishedRecord[];
  readonly gone: PublishedRecord[];
} {
  const after = new Map<string, PublishedRecord>();
  const changed: PublishedRecord[] = [];
  for (const [name, { kind, id, value }] of wanted) {
    const known = before.get(name);
    if (known !== undefined && known.body === canonicalText(value as Json)) {
      after.set(name, known);
      continue;
    }
    const signed = signRecord(key, kind, value as Json);
    const record = { kind, id, ...signed, digest: sha256Base64url(signed.body) };
    after.set(name, record);
    changed.push(record);
  }
  return { after, changed, gone: [...before].filter(([name]) => !after.has(name)).map(([, record]) => record) };
}
