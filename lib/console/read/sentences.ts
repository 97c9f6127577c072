import type { AuditKind } from '#lib/audit';
import type { Json } from '#lib/core';
import { formatDuration } from '#lib/text';

/** What a sentence may name. `data` is the event's own; nothing but JSON's syntax was checked of it. */
export interface Told {
  readonly actor: string;
  readonly agent: string;
  readonly human: string;
  readonly target: string;
  readonly data: { readonly [key: string]: Json };
}

const text = (value: Json | undefined, otherwise: string): string =>
  typeof value === 'string' && value !== '' ? value : otherwise;
const why = (value: Json | undefined): string => (typeof value === 'string' && value !== '' ? `: ${value}` : '');
const lasting = (value: Json | undefined): string => (typeof value === 'number' ? ` for ${formatDuration(value)}` : '');

/** "select, update on table/public.bookings in ", as it was filed. */
function filed(value: Json | undefined): string {
  const { verbs, resources } = (value ?? {}) as { readonly [field: string]: Json };
  if (!Array.isArray(verbs) || !Array.isArray(resources)) return '';
  return `${verbs.join(', ')} on ${resources.join(', ')} in `;
}

/** ": query projects, query me 12 times". */
function counted(value: Json | undefined): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const each = Object.entries(value).map(([name, times]) => (times === 1 ? name : `${name} ${String(times)} times`));
  return each.length === 0 ? '' : `: ${each.join(', ')}`;
}

/** The first line of a proof: what the target itself said. */
const proven = (value: Json | undefined): string => why(Array.isArray(value) ? value[0] : undefined);

/** Which process looked: a taken gateway lies about providers, and about nothing else. */
function prepared({ agent, target, data }: Told): string {
  const what = `what the request of ${agent} would do`;
  if (data['by'] === 'nobody') return `UNKNOWN ${what}: the gateway did not look within a minute`;
  return data['by'] === 'gateway' ? `The gateway looked up at ${target} ${what}` : `The warden looked up ${what}`;
}

/** Only a provider's answer has a status, and only the gateway heard it. */
function executed({ agent, target, data }: Told): string {
  const what = `the approved operation of ${agent} on ${target}`;
  const { status } = data;
  return typeof status === 'number'
    ? `The gateway says it ran ${what}, and was answered ${status}`
    : `The warden ran ${what}`;
}

/** What a key has signed of an agent, or what a session noted of it. */
function edited({ actor, agent, data }: Told): string {
  const { name, nameBefore, ownerId, ownerBefore } = data;
  const given = ownerId === ownerBefore ? [] : [`gave ${agent} to another owner`];
  const renamed = name === nameBefore ? [] : [`named ${text(nameBefore, 'it')} ${text(name, 'anew')}`];
  const said = [...given, ...renamed];
  return `${actor} ${said.length === 0 ? `changed the description of ${agent}` : said.join(' and ')}`;
}

/** A plain sentence for each kind of event. A new kind without one does not compile. */
const SENTENCES: Record<AuditKind, (told: Told) => string> = {
  'installation.set_up': (t) => `${t.actor} set up this installation`,
  'human.invited': (t) =>
    `${t.actor} invited ${text(t.data['name'], 'somebody')} as ${text(t.data['role'], 'reviewer')}`,
  'human.invitation_withdrawn': (t) => `${t.actor} withdrew an invitation`,
  'human.registered': (t) => `${t.human} registered a key and waits to be admitted`,
  'human.admitted': (t) => `${t.actor} admitted ${t.human}`,
  'human.role_changed': (t) => `${t.actor} changed the role of ${t.human}`,
  'human.disabled': (t) => `${t.actor} disabled ${t.human}`,
  'key.enrolled': (t) => `${t.actor} enrolled a key of ${t.human}`,
  'key.retired': (t) => `The warden retired a key of ${t.human}${why(t.data['why'])}`,
  'key.disabled': (t) => `${t.actor} disabled a key of ${t.human}`,
  'session.started': (t) =>
    `${t.actor} signed in ${t.data['method'] === 'oidc' ? 'through the identity provider' : 'with a key'}`,
  'session.ended': (t) => `${t.actor} ended a session`,
  'agent.registered': (t) => `${t.actor} registered the agent ${t.agent}`,
  'agent.edited': (t) => edited(t),
  'agent.token_rotated': (t) =>
    // A person's key stands in what a person signed, whatever people and agents are called.
    t.data['keyId'] === undefined
      ? `${t.agent} took another token, with its own key`
      : `${t.actor} gave ${t.agent} other secrets`,
  'agent.disabled': (t) => `${t.actor} disabled the agent ${t.agent}`,
  'agent.enabled': (t) => `${t.actor} enabled the agent ${t.agent}`,
  'agent.deleted': (t) => `${t.actor} deleted the agent ${t.agent}`,
  'target.added': (t) => `${t.actor} added the target ${t.target}`,
  'target.renewed': (t) =>
    `${t.actor} ${t.data['secret'] === 'replaced' ? 'replaced the secret of' : 'took the schema anew of'} the target ${t.target}`,
  'target.disabled': (t) => `${t.actor} disabled the target ${t.target}`,
  'rest.allowed': (t) => `${t.actor} let ${t.agent} read ${t.target} at rest`,
  'rest.stopped': (t) => `${t.actor} stopped ${t.agent} reading ${t.target} at rest`,
  'request.filed': (t) =>
    t.actor === t.agent
      ? `${t.agent} asked for ${filed(t.data['request'])}${t.target}`
      : `${t.actor} asked again for ${t.agent}: ${filed(t.data['request'])}${t.target}`,
  'request.prepared': (t) => prepared(t),
  'request.approved': (t) => `${t.actor} approved the request of ${t.agent} with a key`,
  'request.denied': (t) => `${t.actor} denied the request of ${t.agent}${why(t.data['reason'])}`,
  'request.cancelled': (t) => `${t.actor} cancelled the request of ${t.agent}${why(t.data['reason'])}`,
  'request.lapsed': (t) => `The request of ${t.agent} lapsed: nobody decided in time`,
  'grant.ready': (t) => `A grant for ${t.agent} on ${t.target} is ready to collect${lasting(t.data['ttlSeconds'])}`,
  'grant.collected': (t) => `${t.agent} collected its grant on ${t.target}`,
  'grant.used': (t) => `${t.agent} used its grant on ${t.target}`,
  'gateway.read': (t) => `${t.agent} read ${t.target} through the gateway${counted(t.data['operations'])}`,
  'gateway.refused': (t) => `The gateway refused ${t.agent} on ${t.target}${counted(t.data['operations'])}`,
  'grant.executed': (t) => executed(t),
  'grant.ending': (t) =>
    `The end of the grant of ${t.agent} on ${t.target} began (${text(t.data['reason'], 'ended')}, by ${t.actor})`,
  'grant.still_live': (t) =>
    `STILL LIVE: the end of the grant of ${t.agent} on ${t.target} is not proven${why(t.data['trouble'])}`,
  'grant.ended': (t) => `The grant of ${t.agent} on ${t.target} ended${proven(t.data['proof'])}`,
  'freeze.begun': (t) => `${t.actor} froze everything${why(t.data['reason'])}`,
  'gateway.key_replaced': (t) => `${t.actor} gave the gateway another key`,
  'recovery.begun': (t) => `Somebody used the recovery code of ${t.human}, for a new key`,
  'recovery.stopped': (t) => `${t.actor} stopped the key that waited on the recovery code`,
  'keys.accepted': (t) =>
    `${t.actor} decided that production ${t.data['acceptsClaimed'] === true ? 'takes' : 'no longer takes'} keys whose hardware nobody proved`,
  'database.put_back': (t) => `The database was put back in time, and everything was frozen${why(t.data['reason'])}`,
  'freeze.thawed': (t) => `${t.actor} thawed with a key`,
  'alarm.raised': (t) => `Alarm${why(t.data['text'])}`,
  'alarm.cleared': (t) => `Alarm over${why(t.data['text'])}`,
};

export const AUDIT_KINDS = Object.keys(SENTENCES) as AuditKind[];

const isKind = (kind: string): kind is AuditKind => Object.hasOwn(SENTENCES, kind);

/** Writes an event as one sentence. A kind that this version does not know is shown by its name. */
export const sentenceOf = (kind: string, told: Told): string =>
  isKind(kind) ? SENTENCES[kind](told) : `${told.actor}: ${kind}`;
