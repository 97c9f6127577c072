import type { AgentSecrets, ChainStatement, Renewal } from '#lib/statement';
import { jwkThumbprint } from '#lib/tokens';
import type { Authority, SignedHuman } from './authority';

/** Who may own agents, and answers for what they ask: whoever may decide. */
export const mayOwnAgents = ({ active, role }: Pick<SignedHuman, 'active' | 'role'>): boolean =>
  active && role !== 'reviewer';

const LONGEST_DAYS = 366;

/** Why an agent may not be registered, given other secrets or changed like this; null where it may, or where the change is about none. */
export function agentRefusal(authority: Authority, statement: ChainStatement): string | null {
  switch (statement.kind) {
    case 'target.add':
    case 'agent.register': {
      const { agent } = statement;
      if (!agent) return null;
      if (authority.agents.has(agent.id)) return 'that agent is registered already.';
      return ownerRefusal(authority, agent.owner) ?? secretsRefusal(authority, agent, agent.secrets, statement);
    }
    case 'agent.rotate': {
      const { agent, secrets, keyBefore } = statement;
      if (!sameAgent(authority, agent)) return 'there is no such agent.';
      if (authority.agents.get(agent.id)?.keyThumbprint !== keyBefore) return 'the agent has another key now.';
      return secretsRefusal(authority, agent, secrets, statement);
    }
    case 'agent.change': {
      const { agent, before } = statement;
      if (!sameAgent(authority, { ...before, id: agent.id })) return 'there is no such agent.';
      return ownerRefusal(authority, agent.owner);
    }
    case 'agent.enable':
      if (!sameAgent(authority, statement.agent)) return 'there is no such agent.';
      return ownerRefusal(authority, statement.agent.owner);
    case 'human.role':
    case 'human.disable':
      return heirRefusal(authority, statement);
    case 'rest.allow': {
      const { tokenThumbprint, keyThumbprint, ...agent } = statement.agent;
      const known = authority.agents.get(agent.id);
      // Of before agents were signed: a right of nobody's, since no such agent counts.
      if (known === undefined) return null;
      const same = known.tokenHash === tokenThumbprint && known.keyThumbprint === keyThumbprint;
      return same && sameAgent(authority, agent) ? null : 'there is no such agent.';
    }
    default:
      return null;
  }
}

/** Whoever keeps their place keeps their agents; of who goes they go to somebody who stays. */
function heirRefusal(
  authority: Authority,
  statement: Extract<ChainStatement, { kind: 'human.role' | 'human.disable' }>,
): string | null {
  const { human, agentsTo } = statement;
  if (!agentsTo) return null;
  const stays = statement.kind === 'human.role' && mayOwnAgents({ ...human, active: true });
  if (stays || agentsTo.id === human.id) return 'their agents stay with them.';
  return ownerRefusal(authority, agentsTo);
}

interface ShownAgent {
  readonly id: string;
  readonly name: string;
  readonly owner: { readonly id: string; readonly name: string };
}

/** Whether a statement names the agent as the chain has it, so that the page showed the right one. */
function sameAgent({ agents, humans }: Authority, { id, name, owner }: ShownAgent): boolean {
  const agent = agents.get(id);
  return agent?.name === name && agent.ownerId === owner.id && humans.get(owner.id)?.name === owner.name;
}

function ownerRefusal({ humans }: Authority, { id, name }: ShownAgent['owner']): string | null {
  const owner = humans.get(id);
  return owner !== undefined && owner.name === name && mayOwnAgents(owner)
    ? null
    : 'an agent belongs to an active owner or approver.';
}

/**
 * Why an agent may not take a new token by itself. It has a key and keeps it; its
 * secrets count still, and are an hour old: each renewal moves the chain, and an agent
 * must not keep people from signing. Nothing lasts longer than a person has signed.
 */
export function renewalRefusal(authority: Authority, { agent, secrets, issuedAt, until }: Renewal): string | null {
  const known = authority.agents.get(agent.id);
  if (known?.name !== agent.name) return 'there is no such agent.';
  if (known.publicJwk === null || secrets.keyThumbprint !== known.keyThumbprint)
    return 'an agent renews its token with the key it has.';
  const [at, end] = [Date.parse(issuedAt), Date.parse(until)];
  if (at >= known.expiresAt.getTime()) return 'its secrets have ended.';
  if (at < known.issuedAt.getTime() + HOUR_MS) return 'its token is less than an hour old.';
  if (end < at || end > Math.min(at + DAY_MS, known.expiresAt.getTime())) return 'the old token ends within a day.';
  const life = known.expiresAt.getTime() - known.issuedAt.getTime();
  if (Date.parse(secrets.expiresAt) - at > life) return 'a person has signed for a shorter time.';
  return secretsTaken(authority, secrets);
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One way to collect, secrets that no other agent has and nobody else is shown, and an end. */
function secretsRefusal(
  authority: Authority,
  { owner }: ShownAgent,
  secrets: AgentSecrets,
  { issuedAt, approver }: ChainStatement,
): string | null {
  const { collectThumbprint, publicJwk, keyThumbprint, expiresAt } = secrets;
  // Who is shown an agent's secrets could ask as it: they must not be who approves what it asks (T14).
  if (owner.id !== approver.id) return 'an agent’s secrets are shown to its owner, who signs for them.';
  if (jwkThumbprint(publicJwk) !== keyThumbprint) return 'its key is described wrongly.';
  if ((collectThumbprint === null) === (publicJwk === null)) return 'an agent collects with a secret or with a key.';
  const days = (Date.parse(expiresAt) - Date.parse(issuedAt)) / DAY_MS;
  if (days <= 0 || days > LONGEST_DAYS) return 'an agent’s secrets end after a year at the latest.';
  return secretsTaken(authority, secrets);
}

function secretsTaken({ agents }: Authority, { tokenThumbprint, collectThumbprint }: AgentSecrets): string | null {
  const all = [...agents.values()].flatMap(({ tokenHash, collectHash, before }) => [
    tokenHash,
    collectHash,
    before?.tokenHash,
  ]);
  const isTaken = tokenThumbprint === collectThumbprint || all.includes(tokenThumbprint);
  return isTaken || (collectThumbprint !== null && all.includes(collectThumbprint))
    ? 'these secrets were used already.'
    : null;
}
