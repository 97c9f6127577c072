import { type Authority, restKey } from '#lib/authority';
import { canonicalText, iso, type Json, sha256Base64url } from '#lib/core';
import type { Agent, Human, Key, RestAllowance, Sealed, Target } from '#lib/db';
import { jwkThumbprint } from '#lib/tokens';

/** The rows that the console reads. */
export interface Projection {
  readonly humans: readonly Human[];
  readonly keys: readonly Key[];
  readonly targets: readonly Target[];
  readonly agents: readonly Agent[];
  readonly rests: readonly RestAllowance[];
  /** The ciphertexts of targets' secrets: the warden's own, and those that only the gateway opens. */
  readonly sealed: ReadonlyArray<Pick<Sealed, 'ownerId' | 'sealed'>>;
}

/**
 * Finds every row that says something else than the chain: inserted, raised,
 * swapped or gone (T13). Returns one sentence for each, for an alarm. A person or
 * a key that waits for an owner's signature is in no chain yet and is left out.
 */
export function compareProjection(
  authority: Authority,
  rows: Projection,
  { settled = true }: { readonly settled?: boolean } = {},
): string[] {
  return [
    ...compare('person', authority.humans, rows.humans.filter(notWaiting(authority.humans)), signedHuman, humanRow),
    ...compare('key', authority.keys, rows.keys.filter(notWaiting(authority.keys)), signedKey, keyRow),
    ...compare('target', authority.targets, rows.targets, factsOfTarget, targetRow),
    ...(settled ? followed(authority, rows) : []),
    ...rows.sealed.flatMap((row) => swapped(authority, row)),
  ];
}

/** What is written after an entry has committed. Nobody goes by agents that were deleted: their rows stay as they were. */
function followed({ agents, rests }: Authority, rows: Projection): string[] {
  const deleted = new Set(rows.agents.filter(({ state: now }) => now === 'deleted').map(({ id }) => id));
  const left = new Map([...agents].filter(([id]) => !deleted.has(id)));
  const allowed = rows.rests.map((rest) => ({ ...rest, id: restKey(rest.agentId, rest.targetId) }));
  return [
    ...compare(
      'agent',
      left,
      rows.agents.filter(({ id }) => !deleted.has(id)),
      signedAgent,
      agentRow,
    ),
    ...compare('resting access', rests, allowed, signedRest, signedRest),
  ];
}

type Facts = { readonly [field: string]: Json };
type Signed<M> = M extends ReadonlyMap<string, infer V> ? V : never;

function compare<S, R extends { readonly id: string }>(
  noun: string,
  signed: ReadonlyMap<string, S>,
  rows: readonly R[],
  factsOf: (value: S) => Facts,
  rowFacts: (row: R) => Facts,
): string[] {
  const found = new Map(rows.map((row) => [row.id, row]));
  const strangers = rows
    .filter((row) => !signed.has(row.id))
    .map((row) => `The ${noun} ${row.id} was never signed for.`);
  const changed = [...signed].flatMap(([id, value]) => {
    const row = found.get(id);
    return row === undefined
      ? [`The ${noun} ${id} is missing.`]
      : differences(`${noun} ${id}`, factsOf(value), rowFacts(row));
  });
  return [...strangers, ...changed];
}

function differences(what: string, signed: Facts, row: Facts): string[] {
  return Object.keys(signed)
    .filter((field) => canonicalText(signed[field] ?? null) !== canonicalText(row[field] ?? null))
    .map((field) => `The ${what} has another ${field} than was signed.`);
}

const notWaiting =
  (signed: ReadonlyMap<string, unknown>) =>
  (row: { readonly id: string; readonly state: string }): boolean =>
    row.state !== 'waiting' || signed.has(row.id);

const state = (active: boolean, otherwise = 'disabled'): string => (active ? 'active' : otherwise);

const signedHuman = ({ name, email, role, active }: Signed<Authority['humans']>): Facts => ({
  name,
  email,
  role,
  state: state(active),
});
const humanRow = ({ name, email, role, state: now }: Human): Facts => ({ name, email, role, state: now });

const signedKey = ({ humanId, credentialId, publicKey, class: kind, active }: Signed<Authority['keys']>): Facts => ({
  person: humanId,
  credential: credentialId,
  'public key': publicKey,
  class: kind,
  state: state(active),
});
const keyRow = ({ humanId, credentialId, publicKey, class: kind, state: now }: Key): Facts => ({
  person: humanId,
  credential: credentialId,
  'public key': publicKey,
  class: kind,
  state: now,
});

const factsOfTarget = ({ config, chainHash, active }: Signed<Authority['targets']>): Facts => ({
  // A disabled target may have lent its name to its successor.
  name: active ? config.name : null,
  kind: config.kind,
  environment: config.environment,
  config: config as unknown as Json,
  'chain entry': chainHash,
  state: state(active),
});
const targetRow = (row: Target): Facts => ({
  name: row.state === 'active' ? row.name : null,
  kind: row.kind,
  environment: row.environment,
  config: row.config as Json,
  'chain entry': row.chainHash,
  state: row.state,
});

/** Whether it is off is its row's to say. */
const signedAgent = (agent: Signed<Authority['agents']>): Facts => ({
  name: agent.name,
  owner: agent.ownerId,
  token: agent.tokenHash,
  key: agent.keyThumbprint,
  end: iso(agent.expiresAt),
  'token before': agent.before?.tokenHash ?? null,
  'end of that': agent.before === null ? null : iso(agent.before.until),
});
const agentRow = (row: Agent): Facts => ({
  name: row.name,
  owner: row.ownerId,
  token: row.tokenHash,
  key: keyOf(row.publicJwk),
  end: iso(row.expiresAt),
  'token before': row.previousTokenHash,
  'end of that': row.previousUntil === null ? null : iso(row.previousUntil),
});

const signedRest = ({ ttlSeconds, chainHash }: { readonly ttlSeconds: number; readonly chainHash: string }): Facts => ({
  duration: ttlSeconds,
  'chain entry': chainHash,
});

function swapped(authority: Authority, { ownerId, sealed }: Pick<Sealed, 'ownerId' | 'sealed'>): string[] {
  const target = authority.targets.get(ownerId);
  if (target === undefined || sha256Base64url(sealed) === target.secretDigest) return [];
  return [`The stored secret of the target ${ownerId} is not the one that was signed for.`];
}

/** A row may hold what is no key. */
function keyOf(publicJwk: unknown): string | null {
  try {
    return jwkThumbprint(publicJwk);
  } catch {
    return 'no key';
  }
}
