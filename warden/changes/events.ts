import type { NewAuditEvent } from '#lib/audit';
import type { Json } from '#lib/core';
import type { ChainStatement, NewAgentFacts } from '#lib/statement';

type Subject = Pick<NewAuditEvent, 'kind' | 'humanId' | 'agentId' | 'targetId'>;

/** The record of a change. */
export function eventOf(statement: ChainStatement, at: Date, row: { seq: number; hash: string }): NewAuditEvent {
  const [subject, facts] = describe(statement);
  const data = { chainSeq: row.seq, chainHash: row.hash, keyId: statement.key.id, ...facts };
  return { ...subject, actor: statement.approver.id, at, data };
}

/** The record of an agent that is registered. */
export function registeredEvent(
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
