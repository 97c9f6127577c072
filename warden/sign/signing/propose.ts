import { changeRefusal, type SignedHuman, type SignedKey, signerOf } from '#lib/authority';
import { iso, refuse } from '#lib/core';
import { type AgentTicket, describeAgent, type TicketAsk } from '#lib/identity';
import type { ChainStatement, RequestFacts, Statement } from '#lib/statement';
import { restReadsOf } from '#lib/targets';
import { countingAgent } from '#warden/authority';
import { standingFreezes } from '#warden/freeze';
import { WARDEN } from '#warden/vault';
import { openRegistration } from '../registration/registration';
import { ownerFacts, proposeAgent } from './agents';
import { proposeApproval } from './approval';
import { envelope, type Proposal } from './draft';
import type { Look } from './ticket';

/** What a ticket asks for that needs nothing more to be typed. */
export type PlainAsk = Exclude<TicketAsk, { kind: 'key.enroll' | 'target.add' | 'target.renew' | 'recovery.stop' }>;

type Head = Awaited<ReturnType<typeof envelope>>;

/** The statement a ticket leads to, refused in words where signing it would be refused. */
export async function propose(look: Look, key: SignedKey, ask: PlainAsk): Promise<Proposal> {
  if (ask.kind === 'request.approve') return { statement: await proposeApproval(look, key, ask.params.requestId) };
  const head = await envelope(look, key);
  const proposal = isAboutAgent(ask)
    ? await proposeAgent(look, head, ask)
    : { statement: await describe(look, head, ask) };
  return { ...proposal, statement: allowed(look, proposal.statement) };
}

const isAboutAgent = (ask: PlainAsk): ask is AgentTicket => ask.kind.startsWith('agent.');

/** The statement itself, or `not_allowed` in the rule's own words. */
export function allowed<S extends ChainStatement>({ authority }: Look, statement: S): S {
  const refusal = changeRefusal(authority, statement);
  return refusal === null ? statement : refuse('not_allowed', sentence(refusal));
}

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

async function describe(
  look: Look,
  head: Head,
  ask: Exclude<PlainAsk, AgentTicket | { kind: 'request.approve' }>,
): Promise<ChainStatement> {
  switch (ask.kind) {
    case 'human.admit':
      return { ...head, kind: ask.kind, ...(await openRegistration(look.warden, ask.params.humanId)) };
    case 'human.role': {
      const human = humanFacts(look, ask.params.humanId);
      const changed = { human: { ...human, role: ask.params.role }, roleBefore: human.role };
      return { ...head, kind: ask.kind, ...changed, agentsTo: heirOf(look, ask.params.agentsTo) };
    }
    case 'human.disable': {
      const agentsTo = heirOf(look, ask.params.agentsTo);
      return { ...head, kind: ask.kind, human: humanFacts(look, ask.params.humanId), agentsTo };
    }
    case 'key.disable': {
      const key = signerOf(look.authority, ask.params.keyId) ?? refuse('not_found', 'There is no such key.');
      return {
        ...head,
        kind: ask.kind,
        human: humanFacts(look, key.humanId),
        disabled: { id: key.id, label: key.label },
      };
    }
    case 'target.disable': {
      const { id, config } = targetInForce(look, ask.params.targetId);
      return { ...head, kind: ask.kind, targetId: id, name: config.name, environment: config.environment };
    }
    case 'keys.accept':
      return { ...head, kind: ask.kind, acceptsClaimed: ask.params.acceptsClaimed };
    case 'rest.allow':
      return allowRest(look, head, ask.params);
    case 'freeze.thaw':
      return thaw(look, head, ask.params.freezeId);
    case 'gateway.replace':
      return replaceGateway(look, head, ask.params.thumbprint);
    case 'rest.stop':
      return stopRest(look, head, ask.params);
    default:
      return ask satisfies never;
  }
}

/** Who gets the agents of somebody who goes; null where they are turned off. */
const heirOf = (look: Look, humanId: string | undefined) => (humanId === undefined ? null : ownerFacts(look, humanId));

/** Only the key that lies in the public folder can be signed for: what a ticket names says which one was looked at. */
function replaceGateway({ warden, authority }: Look, head: Head, asked: string): ChainStatement {
  const thumbprint = warden.gateways.thumbprint();
  if (thumbprint === null || thumbprint !== asked)
    return refuse('conflict', 'The gateway’s key is another one now. Go back to the console and look again.');
  return { ...head, kind: 'gateway.replace', thumbprint, before: authority.gatewayKey };
}

type RestAsk = Extract<TicketAsk, { kind: 'rest.allow' }>['params'];

async function allowRest(look: Look, head: Head, { agentId, targetId, ttlSeconds }: RestAsk): Promise<ChainStatement> {
  const target = targetInForce(look, targetId);
  const { config, chainHash } = target;
  const reads = restReadsOf(config);
  if (reads.length === 0) return refuse('not_allowed', 'Nothing of this target may be read at rest.');
  const facts = { id: target.id, name: config.name, kind: config.kind, environment: config.environment, chainHash };
  return {
    ...head,
    kind: 'rest.allow',
    agent: await agentFacts(look, agentId),
    target: facts,
    reads: [...reads],
    ttlSeconds,
  };
}

function stopRest({ authority }: Look, head: Head, { agentId, targetId }: Omit<RestAsk, 'ttlSeconds'>): ChainStatement {
  const agent = authority.agents.get(agentId);
  const target = authority.targets.get(targetId);
  if (agent === undefined || target === undefined) return refuse('not_found', 'There is no such resting access.');
  return {
    ...head,
    kind: 'rest.stop',
    agent: { id: agentId as RequestFacts['agent']['id'], name: agent.name },
    target: { id: target.id as RequestFacts['target']['id'], name: target.config.name },
  };
}

/** Who froze and why is what the warden saw first, whatever the row says by now. */
async function thaw({ warden, authority }: Look, head: Head, asked: string): Promise<ChainStatement> {
  const freezes = await standingFreezes(warden.db, warden.vault, authority);
  const freeze = freezes.find(({ id }) => id === asked) ?? refuse('not_found', 'There is no such freeze.');
  const { id, humanId, begunAt, reason } = freeze;
  const name = humanId === WARDEN ? 'Countersign' : (authority.humans.get(humanId)?.name ?? NOBODY);
  const frozen = { frozenBy: { id: humanId, name }, frozenAt: iso(begunAt), reason };
  return { ...head, kind: 'freeze.thaw', freezeId: id as Thaw['freezeId'], ...frozen };
}

type Thaw = Extract<ChainStatement, { kind: 'freeze.thaw' }>;

const NOBODY = 'nobody this warden knows';

async function agentFacts({ warden, authority }: Look, agentId: string): Promise<RequestFacts['agent']> {
  const agent = await countingAgent(warden, authority, agentId);
  if (agent === null) return refuse('not_found', 'There is no such agent, or it is off.');
  const owner = authority.humans.get(agent.ownerId) ?? refuse('not_found', 'There is no such person.');
  return describeAgent(agent, owner);
}

/** A person as the chain knows them, without their state. */
export function humanFacts({ authority }: Pick<Look, 'authority'>, humanId: string) {
  const human: SignedHuman = authority.humans.get(humanId) ?? refuse('not_found', 'There is no such person.');
  const { id, name, email, role } = human;
  return { id: id as Statement['approver']['id'], name, email, role };
}

function targetInForce({ authority }: Look, targetId: string) {
  const target = authority.targets.get(targetId);
  if (!target?.active) return refuse('not_found', 'There is no such target.');
  return { ...target, id: target.id as RequestFacts['target']['id'] };
}
