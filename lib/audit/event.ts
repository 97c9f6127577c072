import type { Json } from '#lib/core';

/** Every kind of event: a noun and a verb in the past tense. */
export type AuditKind =
  | 'installation.set_up'
  | 'human.invited'
  | 'human.invitation_withdrawn'
  | 'human.registered'
  | 'human.admitted'
  | 'human.role_changed'
  | 'human.disabled'
  | 'key.enrolled'
  | 'key.disabled'
  | 'key.retired'
  | 'keys.accepted'
  | 'recovery.begun'
  | 'recovery.stopped'
  | 'session.started'
  | 'session.ended'
  | 'agent.registered'
  | 'agent.edited'
  | 'agent.token_rotated'
  | 'agent.disabled'
  | 'agent.enabled'
  | 'agent.deleted'
  | 'target.added'
  | 'target.renewed'
  | 'target.disabled'
  | 'rest.allowed'
  | 'rest.stopped'
  | 'request.filed'
  | 'request.prepared'
  | 'request.approved'
  | 'request.denied'
  | 'request.cancelled'
  | 'request.lapsed'
  | 'grant.ready'
  | 'grant.collected'
  | 'grant.used'
  | 'gateway.read'
  | 'gateway.refused'
  | 'gateway.key_replaced'
  | 'grant.executed'
  | 'grant.ending'
  | 'grant.still_live'
  | 'grant.ended'
  | 'freeze.begun'
  | 'freeze.thawed'
  | 'database.put_back'
  | 'alarm.raised'
  | 'alarm.cleared';

/** The id of a person or an agent, or the process that acted by itself. */
export type Actor = string | 'warden' | 'web' | 'clock';

/** The ids by which history is filtered. */
export interface AuditSubject {
  readonly agentId?: string | undefined;
  readonly humanId?: string | undefined;
  readonly targetId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly grantId?: string | undefined;
}

export interface NewAuditEvent extends AuditSubject {
  readonly kind: AuditKind;
  readonly actor: Actor;
  readonly at: Date;
  /** Facts, and no secret or token among them (T35). */
  readonly data?: { readonly [key: string]: Json };
}
