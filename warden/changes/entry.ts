import { append, type NewAuditEvent } from '#lib/audit';
import { type Authority, chainHash, changeRefusal, extend, sealGenesis } from '#lib/authority';
import { type Json, refuse } from '#lib/core';
import type { Prisma, Tx } from '#lib/db';
import type { Assertion, ChainStatement, Genesis, NewAgentFacts, RelyingParty } from '#lib/statement';
import { project, projectKey } from './project';

/** A change of the authority, with the signature over it. */
export interface SignedChange {
  readonly statement: ChainStatement;
  /** The very bytes that were signed. */
  readonly bytes: string;
  readonly assertion: Assertion;
  /** The sealed secret whose digest the statement holds; null where it holds none. */
  readonly sealed: string | null;
}

const STALE = 'Something changed meanwhile. Review again.';

/**
 * Appends a signed change to the chain, with its rows for the console and its
 * record, in the caller's transaction. An entry cannot be removed, so it first
 * passes the check that every later replay makes. Throws `draft_stale` where the
 * chain has moved on, `not_allowed` where a rule says no.
 */
export async function appendEntry(
  tx: Tx,
  now: Date,
  change: SignedChange,
  before: { readonly authority: Authority; readonly relyingParty: RelyingParty },
): Promise<void> {
  const { statement, bytes, assertion } = change;
  const { head } = before.authority;
  if (statement.prev !== head.hash) refuse('draft_stale', STALE);
  const refusal = changeRefusal(before.authority, statement);
  if (refusal !== null) refuse('not_allowed', refusal);
  const row = { seq: head.seq + 1, hash: chainHash(bytes), kind: statement.kind, statement: bytes, assertion };
  await extend(before.authority, row, before.relyingParty);
  await insert(tx, { ...row, assertion: assertion as unknown as Prisma.InputJsonObject, createdAt: now });
  await project(tx, { ...change, hash: row.hash, now, owned: ownedBy(before.authority, statement) });
  await append(tx, eventOf(statement, now, row));
  // A first agent that came with its target.
  if (statement.kind === 'target.add' && statement.agent)
    await append(tx, registeredEvent(statement, statement.agent, now, row));
}

/** By the chain: whose an agent is, its row could say otherwise. */
const ownedBy = ({ agents }: Authority, statement: ChainStatement): string[] =>
  'human' in statement
    ? [...agents.values()].filter(({ ownerId }) => ownerId === statement.human.id).map(({ id }) => id)
    : [];

/** Of two changes that follow the same entry one is stored, since `seq` is the primary key; the other is reviewed again. */
export async function insert(tx: Tx, row: Prisma.ChainEntryCreateManyInput): Promise<void> {
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
  const { acceptsClaimed = true } = first;
  const data = { name: human.name, keyId: enrolled.id, keyClass: enrolled.class, chainHash: hash, acceptsClaimed };
  await append(tx, { kind: 'installation.set_up', actor: human.id, at: now, humanId: human.id, data });
  return hash;
}

type Subject = Pick<NewAuditEvent, 'kind' | 'humanId' | 'agentId' | 'targetId'>;

function eventOf(statement: ChainStatement, at: Date, row: { seq: number; hash: string }): NewAuditEvent {
  const [subject, facts] = describe(statement);
  const data = { chainSeq: row.seq, chainHash: row.hash, keyId: statement.key.id, ...facts };
  return { ...subject, actor: statement.approver.id, at, data };
}

function registeredEvent(
  { approver, key }: ChainStatement,
  agent: NewAgentFacts,
  at: Date,
  row: { readonly seq: number; readonly hash: string },
): NewAuditEvent {
  const data = { chainSeq: row.seq, chainHash: row.hash, keyId: key.id, ...registered(agent) };
  return { kind: 'agent.registered', actor: approver.id, at, agentId: agent.id, data };
}

/** The event of a change: its kind, what it is about, and the facts that people read without opening the statement. */
function describe(s: ChainStatement): readonly [Subject, { readonly [key: string]: Json }] {
  switch (s.kind) {
    case 'human.admit':
      return [
        { kind: 'human.admitted', humanId: s.human.id },
        { role: s.human.role, admittedKeyId: s.enrolled.id },
      ];
    case 'human.role':
      return [
        { kind: 'human.role_changed', humanId: s.human.id },
        { role: s.human.role, roleBefore: s.roleBefore, ...heir(s.agentsTo) },
      ];
    case 'human.disable':
      return [{ kind: 'human.disabled', humanId: s.human.id }, heir(s.agentsTo)];
    case 'key.enroll': {
      const { id: enrolledKeyId, class: keyClass } = s.enrolled;
      return [
        { kind: 'key.enrolled', humanId: s.human.id },
        { enrolledKeyId, keyClass },
      ];
    }
    case 'key.disable':
      return [{ kind: 'key.disabled', humanId: s.human.id }, { disabledKeyId: s.disabled.id }];
    case 'target.add': {
      const { kind, name, environment } = s.target;
      return [
        { kind: 'target.added', targetId: s.targetId },
        { kind, name, environment },
      ];
    }
    case 'target.renew':
      return [
        { kind: 'target.renewed', targetId: s.targetId },
        { secret: s.secret, schemaHash: s.schemaHash },
      ];
    case 'target.disable':
      return [{ kind: 'target.disabled', targetId: s.targetId }, {}];
    case 'agent.register':
      return [{ kind: 'agent.registered', agentId: s.agent.id }, registered(s.agent)];
    case 'agent.rotate': {
      const { tokenHint, keyThumbprint, expiresAt } = s.secrets;
      return [
        { kind: 'agent.token_rotated', agentId: s.agent.id },
        { tokenHint, keyThumbprint, endsAt: expiresAt },
      ];
    }
    case 'agent.change': {
      const { agent, before } = s;
      const data = { name: agent.name, nameBefore: before.name, ownerId: agent.owner.id, ownerBefore: before.owner.id };
      return [{ kind: 'agent.edited', agentId: agent.id }, data];
    }
    case 'agent.enable':
      return [{ kind: 'agent.enabled', agentId: s.agent.id }, { name: s.agent.name }];
    case 'rest.allow': {
      const { agent, target, reads, ttlSeconds } = s;
      return [
        { kind: 'rest.allowed', agentId: agent.id, targetId: target.id },
        { reads, ttlSeconds },
      ];
    }
    case 'freeze.thaw':
      return [{ kind: 'freeze.thawed' }, { freezeId: s.freezeId }];
    case 'keys.accept':
      return [{ kind: 'keys.accepted' }, { acceptsClaimed: s.acceptsClaimed }];
    case 'gateway.replace':
      return [{ kind: 'gateway.key_replaced' }, { thumbprint: s.thumbprint, before: s.before }];
    case 'rest.stop':
      return [{ kind: 'rest.stopped', agentId: s.agent.id, targetId: s.target.id }, {}];
    default:
      return s satisfies never;
  }
}

const heir = (to: { readonly id: string } | null | undefined): { readonly [key: string]: Json } =>
  to ? { agentsTo: to.id } : {};

const registered = ({ name, owner, secrets }: NewAgentFacts): { readonly [key: string]: Json } => ({
  name,
  ownerId: owner.id,
  tokenHint: secrets.tokenHint,
  keyThumbprint: secrets.keyThumbprint,
  endsAt: secrets.expiresAt,
});
