import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { canonicalText, DomainError, parseStrictJson, sha256Base64url } from '#lib/core';
import { openRecord } from '#lib/records';
import {
  type AgentSecrets,
  Assertion,
  type ChainStatement,
  challengeOf,
  Genesis,
  type NewAgentFacts,
  openStatement,
  type RelyingParty,
  Renewal,
  verifyAssertion,
} from '#lib/statement';
import { renewalRefusal } from './agent-rules';
import type { Authority, SignedAgent, SignedHuman, SignedKey, SignedRest, SignedTarget } from './authority';
import { changeRefusal, restKey } from './rules';

/** What the warden keeps outside the database: the first entry, and the last one it has seen. */
export interface Pin {
  readonly genesis: string;
  readonly head: { readonly seq: number; readonly hash: string };
}

/** An entry as the database has it. None of it is believed before it is verified. */
export interface ChainRow {
  readonly seq: number;
  readonly hash: string;
  readonly kind: string;
  readonly statement: string;
  readonly assertion: unknown;
}

/** By what entries are verified: the origin where people sign, and the warden's public key for what agents renew themselves. */
export interface Verifier extends RelyingParty {
  readonly warden?: KeyObject;
}

const broken = (seq: number, why: string, cause?: unknown): DomainError =>
  new DomainError('minting_stopped', `The authority chain is broken at entry ${seq}: ${why}`, { cause });

/** Hashes an entry. The next entry names the hash as `prev`, and the pin keeps the last one. */
export const chainHash = (statement: string): string => sha256Base64url(`countersign/chain/v1\n${statement}`);

/**
 * Rebuilds the authority from the pin and every row, and checks each signature
 * and each right to sign. Throws `minting_stopped` where a row was forged,
 * changed, reordered or removed. The chain may have grown past the pin's head; a
 * chain without that head is an older database put back (T75).
 */
export async function replay(pin: Pin, rows: readonly ChainRow[], verifier: Verifier): Promise<Authority> {
  const [first, ...rest] = rows;
  if (first === undefined) throw broken(1, 'it is empty.');
  let authority = genesis(pin, first);
  for (const row of rest) authority = await extend(authority, row, verifier);
  if (!rows.some((row) => row.seq === pin.head.seq && row.hash === pin.head.hash)) {
    throw broken(pin.head.seq, 'the entry the warden remembers is missing. Was an older database restored?');
  }
  return authority;
}

function genesis(pin: Pin, row: ChainRow): Authority {
  if (row.seq !== 1 || row.statement !== pin.genesis || row.hash !== chainHash(pin.genesis)) {
    throw broken(1, 'it is not the entry the warden pinned.');
  }
  const parsed = Genesis.parse(parseStrictJson(row.statement));
  const { human, enrolled } = parsed;
  return {
    head: { seq: 1, hash: row.hash },
    humans: new Map([[human.id, { ...human, active: true }]]),
    keys: new Map([[enrolled.id, { ...enrolled, humanId: human.id, active: true }]]),
    targets: new Map(),
    agents: new Map(),
    rests: new Map(),
    thawed: new Map(),
    gatewayKey: parsed.gateway,
  };
}

/**
 * Adds one entry: it links to the head, a key of this authority signed it on the
 * sign origin, and that person was allowed to. Throws `minting_stopped`.
 */
export async function extend(authority: Authority, row: ChainRow, verifier: Verifier): Promise<Authority> {
  const statement = row.kind === 'agent.renew' ? openRenewal(row, verifier) : openChainStatement(row);
  if (row.seq !== authority.head.seq + 1 || statement.prev !== authority.head.hash)
    throw broken(row.seq, 'it does not follow the one before.');
  if (row.hash !== chainHash(row.statement)) throw broken(row.seq, 'its hash is wrong.');
  if (statement.kind === 'agent.renew') return renew(authority, statement, row);
  const key = authority.keys.get(statement.key.id);
  const assertion = Assertion.safeParse(row.assertion);
  if (key === undefined || !assertion.success) throw broken(row.seq, 'no known key signed it.');
  const refusal = changeRefusal(authority, statement);
  if (refusal !== null) throw broken(row.seq, refusal);
  await verifyAssertion({
    assertion: assertion.data,
    authenticator: { ...key, counter: 0n },
    challenge: challengeOf(row.statement),
    relyingParty: verifier,
  }).catch((cause: unknown) => {
    throw broken(row.seq, 'its signature is wrong.', cause);
  });
  return apply(authority, statement, { seq: row.seq, hash: row.hash });
}

/** The warden has signed that the agent proved its key for this very statement. */
function openRenewal({ seq, statement, assertion }: ChainRow, { warden }: Verifier): Renewal {
  const { signature } = RenewalProof.safeParse(assertion).data ?? { signature: '' };
  const renewal = warden && openRecord(warden, 'renewal', Renewal, { body: statement, signature });
  if (!renewal) throw broken(seq, 'the warden has not signed it.');
  return renewal;
}

const RenewalProof = z.object({ signature: z.string() });

/** An agent’s new token; the old one goes on for a while. */
function renew(authority: Authority, renewal: Renewal, { seq, hash }: ChainRow): Authority {
  const agent = authority.agents.get(renewal.agent.id);
  const refusal = renewalRefusal(authority, renewal);
  if (agent === undefined || refusal !== null) throw broken(seq, refusal ?? 'there is no such agent.');
  const before = { tokenHash: agent.tokenHash, until: new Date(renewal.until) };
  const agents = new Map(authority.agents).set(agent.id, { ...agent, ...factsOf(renewal.secrets, renewal), before });
  return { ...authority, head: { seq, hash }, agents };
}

function openChainStatement(row: ChainRow): ChainStatement {
  try {
    const statement = openStatement(row.statement);
    if (statement.kind === 'request.approve' || statement.kind !== row.kind) throw new Error('not a chain statement');
    return statement;
  } catch (cause) {
    throw broken(row.seq, 'its bytes are not a statement.', cause);
  }
}

function apply(authority: Authority, statement: ChainStatement, head: Authority['head']): Authority {
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
      rests.set(restKey(statement.agent.id, statement.target.id), {
        agentId: statement.agent.id,
        targetId: statement.target.id,
        reads: statement.reads,
        ttlSeconds: statement.ttlSeconds,
        chainHash: head.hash,
      });
      break;
    case 'freeze.thaw':
      thawed.set(statement.freezeId, new Date(statement.issuedAt));
      break;
    case 'rest.stop':
      rests.delete(restKey(statement.agent.id, statement.target.id));
      break;
    case 'gateway.replace':
      break;
    default:
      return statement satisfies never;
  }
  const gatewayKey = statement.kind === 'gateway.replace' ? statement.thumbprint : authority.gatewayKey;
  return { head, humans, keys, targets, agents, rests, thawed, gatewayKey };
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

const factsOf = (
  { tokenThumbprint, collectThumbprint, publicJwk, keyThumbprint, expiresAt }: AgentSecrets,
  { issuedAt }: Dated,
) => ({
  tokenHash: tokenThumbprint,
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
      keys.set(statement.enrolled.id, { ...statement.enrolled, humanId: human.id, active: true });
      break;
    case 'human.role':
      humans.set(human.id, { ...human, active: true });
      break;
    case 'human.disable':
      humans.set(human.id, { ...human, active: false });
      break;
    case 'key.enroll':
      keys.set(statement.enrolled.id, { ...statement.enrolled, humanId: human.id, active: true });
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

/** Spells a genesis entry in its canonical bytes. */
export const sealGenesis = (value: Genesis): string => canonicalText(Genesis.parse(value));
