import { addSeconds, checksummedToken, iso, newId, refuse, sha256Base64url } from '#lib/core';
import type { AgentTicket, NewAgentFields } from '#lib/identity';
import type { AgentSecrets, ChainStatement, NewAgentFacts } from '#lib/statement';
import { jwkThumbprint } from '#lib/tokens';
import { isDeleted, isOff, noteOff } from '#warden/authority';
import { refuseNameTaken } from '#warden/changes';
import type { envelope, Proposal } from './draft';
import type { Look } from './ticket';

type Head = Awaited<ReturnType<typeof envelope>>;
type OwnerFacts = NewAgentFacts['owner'];

/** The statement about an agent that a ticket asks for, with the secrets that it makes. */
export async function proposeAgent(look: Look, head: Head, ask: AgentTicket): Promise<Proposal<ChainStatement>> {
  switch (ask.kind) {
    case 'agent.register': {
      const { agent, secrets } = await newAgent(look, ask.params);
      return { statement: { ...head, kind: ask.kind, agent }, secrets };
    }
    case 'agent.rotate': {
      const { days, publicJwk, agentId } = ask.params;
      const agent = await knownAgent(look, agentId);
      const known = look.authority.agents.get(agentId);
      const kept = known?.publicJwk ?? null;
      const { facts, secrets } = makeSecrets(look.now, { days, publicJwk: publicJwk === undefined ? kept : publicJwk });
      const keyBefore = known?.keyThumbprint ?? null;
      return { statement: { ...head, kind: ask.kind, agent, secrets: facts, keyBefore }, secrets };
    }
    case 'agent.change': {
      const { agentId, name, ownerId } = ask.params;
      const { id, ...before } = await knownAgent(look, agentId);
      if (name !== before.name) await refuseNameTaken(look.warden.db, look.authority, { id: agentId, name });
      return { statement: { ...head, kind: ask.kind, agent: { id, name, owner: ownerFacts(look, ownerId) }, before } };
    }
    case 'agent.enable': {
      const agent = await knownAgent(look, ask.params.agentId);
      const signed = look.authority.agents.get(agent.id);
      // A page that is opened while it is on would turn it on after somebody has turned it off.
      if (signed && !isOff(look.warden.vault, signed)) refuse('conflict', `${agent.name} is on already.`);
      await refuseNameTaken(look.warden.db, look.authority, agent);
      return { statement: { ...head, kind: ask.kind, agent } };
    }
    default:
      return ask satisfies never;
  }
}

/** A new agent's facts, and its secrets. It belongs to who signs, who alone is shown them. */
export async function newAgent(
  look: Look,
  { name, description, days, publicJwk }: NewAgentFields,
): Promise<{ readonly agent: NewAgentFacts; readonly secrets: NonNullable<Proposal['secrets']> }> {
  await refuseNameTaken(look.warden.db, look.authority, { id: '', name });
  const { facts, secrets } = makeSecrets(look.now, { days, publicJwk: publicJwk ?? null });
  const owner = ownerFacts(look, look.signer.id);
  return { agent: { id: newId('agt') as NewAgentFacts['id'], name, description, owner, secrets: facts }, secrets };
}

/** Two secrets for two processes: what web and gateway are shown asks, what the warden alone is shown collects. */
function makeSecrets(
  now: Date,
  { days, publicJwk }: { readonly days: number; readonly publicJwk: AgentSecrets['publicJwk'] },
): { readonly facts: AgentSecrets; readonly secrets: NonNullable<Proposal['secrets']> } {
  const token = checksummedToken('ask');
  const collect = publicJwk === null ? checksummedToken('col') : null;
  const facts = {
    tokenThumbprint: sha256Base64url(token),
    tokenHint: token.slice(-4),
    collectThumbprint: collect === null ? null : sha256Base64url(collect),
    publicJwk,
    keyThumbprint: jwkThumbprint(publicJwk),
    expiresAt: iso(addSeconds(now, days * 86_400)),
  };
  return { facts, secrets: { agent: { token, collect } } };
}

const NO_AGENT = 'There is no such agent.';

/** As the chain has it. A row that says deleted says so for good. */
async function knownAgent({ warden, authority }: Look, agentId: string) {
  const agent = authority.agents.get(agentId);
  const row = await warden.db.agent.findUnique({ where: { id: agentId }, select: { id: true, state: true } });
  const owner = authority.humans.get(agent?.ownerId ?? '');
  if (agent === undefined || owner === undefined || row === null) return refuse('not_found', NO_AGENT);
  await noteOff(warden.db, warden.vault, authority, [agent], new Map([[row.id, row]]));
  if (isDeleted(warden.vault, agent)) refuse('not_found', NO_AGENT);
  const { id, name } = agent;
  return { id: id as NewAgentFacts['id'], name, owner: { id: owner.id as OwnerFacts['id'], name: owner.name } };
}

/** A person as a statement names the owner of an agent. */
export function ownerFacts({ authority }: Look, ownerId: string): OwnerFacts {
  const owner = authority.humans.get(ownerId) ?? refuse('not_found', 'There is no such person.');
  return { id: owner.id as OwnerFacts['id'], name: owner.name };
}
