import type { AgentSecrets, ChainStatement, KeyFacts, NewAgentFacts } from '#lib/statement';
import type { Authority, SignedAgent, SignedHuman, SignedKey, SignedRest, SignedTarget } from './authority';
import { classOf } from './keys';
import { restKey } from './rules';

/** The authority after a statement that was found right. */
export function apply(authority: Authority, statement: ChainStatement, head: Authority['head']): Authority {
  const humans = new Map(authority.humans);
  const keys = new Map(authority.keys);
  const targets = new Map(authority.targets);
  const agents = new Map(authority.agents);
  const rests = new Map(authority.rests);
  const thawed = new Map(authority.thawed);
  switch (statement.kind) {
    case 'human.admit':
    case 'human.role':
    case 'human.disable':
    case 'key.enroll':
    case 'key.disable':
      changePeople(humans, keys, statement);
      if ('agentsTo' in statement && statement.agentsTo)
        for (const { id, ownerId } of agents.values())
          if (ownerId === statement.human.id) handOver({ agents, rests }, id, statement.agentsTo, statement);
      break;
    case 'target.add':
    case 'target.renew':
    case 'target.disable':
      changeTarget(targets, statement, head.hash);
      if (statement.kind === 'target.add' && statement.agent) register(agents, statement.agent, statement, head.hash);
      break;
    case 'agent.register':
    case 'agent.rotate':
    case 'agent.change':
    case 'agent.enable':
      changeAgent({ agents, rests }, statement, head.hash);
      break;
    case 'rest.allow':
      rests.set(restKey(statement.agent.id, statement.target.id), signedRest(statement, head.hash));
      break;
    case 'freeze.thaw':
      thawed.set(statement.freezeId, new Date(statement.issuedAt));
      break;
    case 'rest.stop':
      rests.delete(restKey(statement.agent.id, statement.target.id));
      break;
    case 'gateway.replace':
    case 'keys.accept':
      break;
    default:
      return statement satisfies never;
  }
  const gatewayKey = statement.kind === 'gateway.replace' ? statement.thumbprint : authority.gatewayKey;
  const { acceptsClaimed } = statement.kind === 'keys.accept' ? statement : authority;
  // Used up, or taken out of use.
  const over = [statement.key.id, statement.kind === 'key.disable' ? statement.disabled.id : null];
  const recovery = over.some((id) => id === authority.recovery?.id) ? null : authority.recovery;
  return { head, humans, keys, targets, agents, rests, thawed, gatewayKey, acceptsClaimed, recovery };
}

function signedRest(statement: Extract<ChainStatement, { kind: 'rest.allow' }>, chainHash: string): SignedRest {
  const { agent, target, reads, ttlSeconds } = statement;
  return { agentId: agent.id, targetId: target.id, reads, ttlSeconds, chainHash };
}

type Dated = Pick<ChainStatement, 'issuedAt'>;

function register(agents: Map<string, SignedAgent>, agent: NewAgentFacts, at: Dated, chainHash: string): void {
  const { id, name, owner, secrets } = agent;
  agents.set(id, { id, name, ownerId: owner.id, ...factsOf(secrets, at), chainHash });
}

interface Standing {
  readonly agents: Map<string, SignedAgent>;
  readonly rests: Map<string, SignedRest>;
}

/** Who answered for it knows its secrets, and what it reads was allowed to an agent of theirs: both end. */
function handOver({ agents, rests }: Standing, id: string, owner: { readonly id: string }, { issuedAt }: Dated): void {
  const agent = agents.get(id);
  if (agent === undefined) return;
  agents.set(id, { ...agent, ownerId: owner.id, expiresAt: new Date(issuedAt), before: null });
  for (const [key, { agentId }] of rests) if (agentId === id) rests.delete(key);
}

type AgentChange = Extract<ChainStatement, { kind: `agent.${string}` }>;

function changeAgent(standing: Standing, statement: AgentChange, chainHash: string): void {
  const { agents } = standing;
  if (statement.kind === 'agent.register') {
    register(agents, statement.agent, statement, chainHash);
    return;
  }
  const { id, name, owner } = statement.agent;
  const agent = agents.get(id);
  if (agent === undefined) return;
  if (statement.kind === 'agent.rotate') agents.set(id, { ...agent, ...factsOf(statement.secrets, statement) });
  else agents.set(id, statement.kind === 'agent.enable' ? { ...agent, chainHash } : { ...agent, name });
  if (agent.ownerId !== owner.id) handOver(standing, id, owner, statement);
}

/** What an agent's secrets say of it. */
export const factsOf = (
  { tokenThumbprint, tokenHint, collectThumbprint, publicJwk, keyThumbprint, expiresAt }: AgentSecrets,
  { issuedAt }: Dated,
) => ({
  tokenHash: tokenThumbprint,
  tokenHint,
  collectHash: collectThumbprint,
  publicJwk,
  keyThumbprint,
  issuedAt: new Date(issuedAt),
  expiresAt: new Date(expiresAt),
  before: null,
});

type PeopleChange = Extract<ChainStatement, { kind: `human.${string}` | `key.${string}` }>;

function changePeople(humans: Map<string, SignedHuman>, keys: Map<string, SignedKey>, statement: PeopleChange): void {
  const { human } = statement;
  switch (statement.kind) {
    case 'human.admit':
      humans.set(human.id, { ...human, active: true });
      keys.set(statement.enrolled.id, signedKey(statement.enrolled, human.id));
      break;
    case 'human.role':
      humans.set(human.id, { ...human, active: true });
      break;
    case 'human.disable':
      humans.set(human.id, { ...human, active: false });
      break;
    case 'key.enroll':
      keys.set(statement.enrolled.id, signedKey(statement.enrolled, human.id));
      break;
    case 'key.disable': {
      const key = keys.get(statement.disabled.id);
      if (key !== undefined) keys.set(key.id, { ...key, active: false });
      break;
    }
    default:
      statement satisfies never;
  }
}

type TargetChange = Extract<ChainStatement, { kind: 'target.add' | 'target.renew' | 'target.disable' }>;

function changeTarget(targets: Map<string, SignedTarget>, statement: TargetChange, hash: string): void {
  const { targetId: id } = statement;
  if (statement.kind === 'target.add') {
    const { target: config, secretDigest } = statement;
    targets.set(id, { id, config, secretDigest, chainHash: hash, active: true });
    return;
  }
  const target = targets.get(id);
  if (target === undefined) return;
  targets.set(id, statement.kind === 'target.disable' ? { ...target, active: false } : renewed(target, statement));
}

/** Takes over the new secret and schema. The chain hash stays, so approvals that name the target still stand. */
function renewed(target: SignedTarget, statement: Extract<TargetChange, { kind: 'target.renew' }>): SignedTarget {
  const { secretDigest, schemaHash } = statement;
  const { config } = target;
  return {
    ...target,
    secretDigest,
    config: config.kind === 'graphql' && schemaHash !== null ? { ...config, schemaHash } : config,
  };
}

/** A key as its entry enrolled it. */
export const signedKey = (enrolled: KeyFacts, humanId: string): SignedKey => ({
  ...enrolled,
  ...{ humanId, class: classOf(enrolled.class), active: true },
});
