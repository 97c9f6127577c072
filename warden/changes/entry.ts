import { append } from '#lib/audit';
import { type Authority, chainHash, changeRefusal, extend, sealGenesis, type Verifier } from '#lib/authority';
import { type Json, refuse } from '#lib/core';
import type { Prisma, Tx } from '#lib/db';
import { signRecord } from '#lib/records';
import type { Assertion, ChainStatement, Entry, Genesis, RelyingParty, WardenEntry } from '#lib/statement';
import type { Vault } from '#warden/vault';
import { eventOf, registeredEvent } from './events';
import { isFollowed } from './follow';
import { project, projectKey } from './project';

/** A change of the authority, with the signature over it. */
export interface SignedChange {
  readonly statement: ChainStatement;
  /** The very bytes that were signed. */
  readonly bytes: string;
  readonly assertion: Assertion;
  /** The warden's beside a recovery code's. */
  readonly signature?: string;
  /** The sealed secret whose digest the statement holds; null where it holds none. */
  readonly sealed: string | null;
}

const STALE = 'Something changed meanwhile. Review again.';

/**
 * Appends a signed change to the chain, with its record and its rows for the
 * console as far as nobody can hold these locked, in the caller's transaction; the
 * caller then has the others written (`followUp`). An entry cannot be removed, so it first
 * passes the check that every later replay makes. Throws `draft_stale` where the
 * chain has moved on, `not_allowed` where a rule says no.
 */
export async function appendEntry(
  tx: Tx,
  now: Date,
  change: SignedChange,
  before: { readonly authority: Authority; readonly verifier: Verifier },
): Promise<void> {
  const { statement, bytes, signature } = change;
  const assertion = signature === undefined ? change.assertion : { ...change.assertion, signature };
  const { head } = before.authority;
  if (statement.prev !== head.hash) refuse('draft_stale', STALE);
  const refusal = changeRefusal(before.authority, statement);
  if (refusal !== null) refuse('not_allowed', refusal);
  const row = { seq: head.seq + 1, hash: chainHash(bytes), kind: statement.kind, statement: bytes, assertion };
  await extend(before.authority, row, before.verifier);
  await insert(tx, { ...row, assertion: assertion as unknown as Prisma.InputJsonObject, createdAt: now });
  await project(tx, { ...change, hash: row.hash, now, authority: before.authority });
  await noteDue(tx, row.seq, statement, handedOver(before.authority, statement));
  await append(tx, eventOf(statement, now, row));
  // A first agent that came with its target.
  if (statement.kind === 'target.add' && statement.agent)
    await append(tx, registeredEvent(statement, statement.agent, now, row));
}

/** The agents that a person who goes leaves to somebody, by the chain: a row could say otherwise. */
const handedOver = ({ agents }: Authority, statement: ChainStatement): string[] =>
  'agentsTo' in statement && statement.agentsTo
    ? [...agents.values()].filter(({ ownerId }) => ownerId === statement.human.id).map(({ id }) => id)
    : [];

async function noteDue(tx: Tx, seq: number, entry: Entry, agents: string[] = []): Promise<void> {
  if (isFollowed(entry)) await tx.rowsDue.create({ data: { seq, agents } });
}

/**
 * Appends what the warden signs itself, in the caller's transaction. Whatever it
 * rests on stands beside the signature for whoever reads the chain. Throws
 * `draft_stale` where the chain has moved on.
 */
export async function appendOwn(
  tx: Tx,
  now: Date,
  warden: { readonly vault: Vault; readonly signing: RelyingParty },
  authority: Authority,
  { entry, ...evidence }: { readonly entry: WardenEntry; readonly proof?: string },
): Promise<{ readonly chainSeq: number; readonly chainHash: string }> {
  if (entry.prev !== authority.head.hash) refuse('draft_stale', STALE);
  const { body, signature } = signRecord(warden.vault.signingKey, 'entry', entry as unknown as Json);
  const [seq, hash] = [authority.head.seq + 1, chainHash(body)];
  const row = { seq, hash, kind: entry.kind, statement: body, assertion: { signature, ...evidence } };
  // An entry cannot be removed: it passes first what every later replay checks.
  await extend(authority, row, { ...warden.signing, warden: warden.vault.publicKey });
  await insert(tx, { ...row, createdAt: now });
  await noteDue(tx, seq, entry);
  return { chainSeq: seq, chainHash: hash };
}

/** Of two changes that follow the same entry one is stored, since `seq` is the primary key; the other is reviewed again. */
async function insert(tx: Tx, row: Prisma.ChainEntryCreateManyInput): Promise<void> {
  const { count } = await tx.chainEntry.createMany({ data: row, skipDuplicates: true });
  if (count !== 1) refuse('draft_stale', STALE);
}

/** Appends the first entry and returns its hash. There is no key yet to sign it: the warden pins the hash outside the database. */
export async function appendGenesis(
  tx: Tx,
  now: Date,
  first: Genesis,
  key: { readonly transports: string[]; readonly counter: bigint },
): Promise<string> {
  const statement = sealGenesis(first);
  const hash = chainHash(statement);
  await insert(tx, { seq: 1, hash, kind: first.kind, statement, createdAt: now });
  await tx.human.create({ data: { ...first.human, state: 'active', createdAt: now } });
  await projectKey(tx, first.human.id, first.enrolled, key);
  const { human, enrolled } = first;
  const { acceptsClaimed = false } = first;
  const data = { name: human.name, keyId: enrolled.id, keyClass: enrolled.class, chainHash: hash, acceptsClaimed };
  await append(tx, { kind: 'installation.set_up', actor: human.id, at: now, humanId: human.id, data });
  return hash;
}
