import type { ChainStatement } from '#lib/statement';
import { isUpstream, restReadsOf } from '#lib/targets';
import { agentRefusal, mayOwnAgents } from './agent-rules';
import type { Authority, SignedHuman, SignedKey } from './authority';
import { classOf, fitsProduction, signerOf } from './keys';

/** The key in `rests` of an agent's right at a target. */
export const restKey = (agentId: string, targetId: string): string => `${agentId} ${targetId}`;

/**
 * Decides whether the signer may make this change to this authority: null, or
 * why not, in words for an alarm or a page. It is asked before a statement is
 * offered and again for every entry of every replay, so that an entry that was
 * written past it is found.
 */
export function changeRefusal(authority: Authority, statement: ChainStatement): string | null {
  const human = authority.humans.get(statement.approver.id);
  const key = signerOf(authority, statement.key.id);
  if (!human?.active || !key?.active || key.humanId !== human.id)
    return 'the signer is not an active key of an active person.';
  if (key.class !== classOf(statement.key.class) || human.name !== statement.approver.name)
    return 'the signer is described wrongly.';
  if (!mayPropose(authority, human, statement, key === authority.recovery)) return 'only an owner may change this.';
  return (
    targetRefusal(authority, key, statement) ??
    peopleRefusal(authority, statement) ??
    agentRefusal(authority, statement) ??
    restingRefusal(authority, key, statement)
  );
}

/** Owners change everything; others enrol a further key of their own with one they have (T13), and look after their own agents. A recovery code does the first alone. */
function mayPropose({ agents }: Authority, human: SignedHuman, statement: ChainStatement, recovers: boolean): boolean {
  if (recovers) return statement.kind === 'key.enroll' && statement.human.id === human.id;
  if (human.role === 'owner') return true;
  switch (statement.kind) {
    case 'key.enroll':
      return statement.human.id === human.id;
    case 'agent.register':
    case 'agent.rotate':
    case 'agent.change':
    case 'agent.enable': {
      const { id, owner } = statement.agent;
      return mayOwnAgents(human) && owner.id === human.id && (agents.get(id)?.ownerId ?? human.id) === human.id;
    }
    default:
      return false;
  }
}

/** Whoever gives an agent secrets, or turns it on, gives it what it reads at rest as well. */
function restingRefusal(authority: Authority, key: SignedKey, statement: ChainStatement): string | null {
  if (statement.kind !== 'agent.rotate' && statement.kind !== 'agent.enable') return null;
  const { rests, targets } = authority;
  const read = [...rests.values()].filter(({ agentId }) => agentId === statement.agent.id);
  const environments = read.map(({ targetId }) => targets.get(targetId)?.config.environment ?? 'production');
  return environments.map((name) => hardwareRefusal(authority, key, name)).find((refusal) => refusal !== null) ?? null;
}

function targetRefusal(authority: Authority, key: SignedKey, statement: ChainStatement): string | null {
  switch (statement.kind) {
    case 'target.add':
      if (authority.targets.has(statement.targetId)) return 'that target exists already.';
      if (nameTaken(authority, statement.target.name)) return 'another target has that name.';
      return hardwareRefusal(authority, key, statement.target.environment);
    case 'target.renew':
      return renewalRefusal(authority, key, statement);
    case 'target.disable':
      return sameTarget(authority, { ...statement, id: statement.targetId }) ? null : 'there is no such target.';
    case 'rest.allow': {
      const target = authority.targets.get(statement.target.id);
      if (!sameTarget(authority, statement.target) || target?.chainHash !== statement.target.chainHash)
        return 'there is no such target.';
      const reads = restReadsOf(target.config);
      if (reads.length === 0) return 'nothing of it can be read at rest.';
      if (statement.reads.join('\n') !== reads.join('\n')) return 'the target lists other readable things.';
      return hardwareRefusal(authority, key, target.config.environment);
    }
    case 'gateway.replace':
      if (statement.before !== authority.gatewayKey) return 'the gateway has another key now.';
      return statement.thumbprint === statement.before ? 'that key counts already.' : null;
    case 'keys.accept':
      return statement.acceptsClaimed === authority.acceptsClaimed ? 'that is so already.' : null;
    case 'freeze.thaw':
      return authority.thawed.has(statement.freezeId) ? 'that freeze is over already.' : null;
    case 'rest.stop':
      return authority.rests.has(restKey(statement.agent.id, statement.target.id))
        ? null
        : 'there is no such resting access.';
    default:
      return null;
  }
}

function renewalRefusal(
  authority: Authority,
  key: SignedKey,
  statement: Extract<ChainStatement, { kind: 'target.renew' }>,
): string | null {
  const { config } = authority.targets.get(statement.targetId) ?? {};
  if (config === undefined || !sameTarget(authority, { ...statement, id: statement.targetId }))
    return 'there is no such target.';
  if (!isUpstream(config)) return 'only a target behind the gateway can be renewed. Add it again instead.';
  if ((config.kind === 'graphql') !== (statement.schemaHash !== null)) return 'it has a schema where none belongs.';
  return hardwareRefusal(authority, key, config.environment);
}

/** Whether a statement names the active target as the chain has it, so that the page showed the right one. */
function sameTarget(
  authority: Authority,
  shown: { readonly id: string; readonly name: string; readonly environment: string },
): boolean {
  const target = authority.targets.get(shown.id);
  return (
    target?.active === true && target.config.name === shown.name && target.config.environment === shown.environment
  );
}

const nameTaken = (authority: Authority, name: string): boolean =>
  [...authority.targets.values()].some((target) => target.active && target.config.name === name);

function hardwareRefusal(authority: Authority, key: SignedKey, environment: string): string | null {
  if (environment !== 'production' || fitsProduction(key, authority)) return null;
  return key.class === 'synced'
    ? 'production needs a hardware key.'
    : 'nobody proved that this key is hardware, and this installation takes no such key for production.';
}

function peopleRefusal(authority: Authority, statement: ChainStatement): string | null {
  switch (statement.kind) {
    case 'human.admit':
      if (authority.humans.has(statement.human.id)) return 'that person was admitted already.';
      if (emailTaken(authority, statement.human.email)) return 'another person has that e-mail address.';
      return newKeyRefusal(authority, statement.enrolled);
    case 'key.enroll':
      if (!sameHuman(authority, statement.human)) return 'there is no such person.';
      return newKeyRefusal(authority, statement.enrolled);
    case 'human.role':
      if (!sameHuman(authority, { ...statement.human, role: statement.roleBefore }))
        return 'that person has another role now.';
      return lastOwnerRefusal(authority, statement.human.id, statement.human.role);
    case 'human.disable':
      if (!sameHuman(authority, statement.human)) return 'there is no such person.';
      return lastOwnerRefusal(authority, statement.human.id, null);
    case 'key.disable':
      if (!sameHuman(authority, statement.human)) return 'there is no such person.';
      return lastKeyRefusal(authority, statement.human.id, statement.disabled.id);
    default:
      return null;
  }
}

function sameHuman(authority: Authority, human: Omit<SignedHuman, 'active'>): boolean {
  const known = authority.humans.get(human.id);
  return (
    known?.active === true && known.email === human.email && known.role === human.role && known.name === human.name
  );
}

const emailTaken = (authority: Authority, email: string): boolean =>
  [...authority.humans.values()].some((human) => human.email === email);

function newKeyRefusal(
  authority: Authority,
  key: { readonly id: string; readonly credentialId: string },
): string | null {
  const known = [...authority.keys.values()].some(
    (other) => other.id === key.id || other.credentialId === key.credentialId,
  );
  return known ? 'that key is enrolled already.' : null;
}

/** Refuses to remove the last owner who has a key: nobody could let anyone back in. `role` is the new one, null for none. */
function lastOwnerRefusal(authority: Authority, humanId: string, role: string | null): string | null {
  if (!authority.humans.get(humanId)?.active) return 'there is no such person.';
  if (role === 'owner') return null;
  const others = [...authority.humans.values()].filter(
    (human) => human.id !== humanId && human.active && human.role === 'owner' && hasKey(authority, human.id, null),
  );
  return others.length > 0 || authority.humans.get(humanId)?.role !== 'owner'
    ? null
    : 'the last owner cannot be removed.';
}

function lastKeyRefusal(authority: Authority, humanId: string, keyId: string): string | null {
  const key = signerOf(authority, keyId);
  if (!key?.active || key.humanId !== humanId) return 'there is no such key.';
  return hasKey(authority, humanId, keyId) ? null : 'the last key of a person cannot be removed; disable the person.';
}

const hasKey = (authority: Authority, humanId: string, except: string | null): boolean =>
  [...authority.keys.values()].some((key) => key.humanId === humanId && key.active && key.id !== except);
