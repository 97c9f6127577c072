import { restKey } from '#lib/authority';
import type { AgentRecord, Head, RestRecord, TargetRecord } from '#lib/records';
import { isUpstream, type UpstreamConfig } from '#lib/targets';
import type { Records } from './records';

/** A target behind the gateway, as its owner signed it. */
export interface SignedUpstream extends TargetRecord {
  readonly config: UpstreamConfig;
}

/** What the warden says counts now. Never changed: a newer head is another state. */
export interface SignedState {
  readonly seq: number;
  /** The database's time when it was signed. */
  readonly at: Date;
  /** Disabled ones too. */
  readonly targets: ReadonlyMap<string, SignedUpstream>;
  /** Active ones, by name. */
  readonly targetsByName: ReadonlyMap<string, SignedUpstream>;
  /** Active ones, by id and by the hash of their ask token. */
  readonly agents: ReadonlyMap<string, AgentRecord>;
  readonly agentsByTokenHash: ReadonlyMap<string, AgentRecord>;
  /** By `restKey`. */
  readonly rests: ReadonlyMap<string, RestRecord>;
  /** Why nothing passes at all, in words for the agent; null in ordinary times. */
  readonly halted: string | null;
  /** Whether a freeze stands, as the warden knows it: rows can only add to it. */
  readonly frozen: boolean;
  /** Freezes that an owner's key has ended. */
  readonly thawed: ReadonlySet<string>;
  /** Whether a grant ended before its credential's `exp`. */
  isEnded(grantId: string): boolean;
}

export function stateOf(
  head: Pick<Head, 'seq' | 'at' | 'halted' | 'frozen' | 'thawed'>,
  { targets, agents, rests }: Records,
  ended: ReadonlySet<string>,
): SignedState {
  const upstreams = targets.filter(isBehindGateway);
  const active = agents.filter((agent) => agent.active);
  const at = new Date(head.at);
  return {
    seq: head.seq,
    at,
    halted: head.halted,
    targets: new Map(upstreams.map((target) => [target.id, target])),
    targetsByName: new Map(upstreams.filter((target) => target.active).map((target) => [target.config.name, target])),
    agents: new Map(active.map((agent) => [agent.id, agent])),
    agentsByTokenHash: new Map(active.flatMap((agent) => tokensOf(agent, at).map((hash) => [hash, agent] as const))),
    rests: new Map(rests.map((rest) => [restKey(rest.agentId, rest.targetId), rest])),
    frozen: head.frozen.length > 0,
    thawed: new Set(head.thawed),
    isEnded: (grantId) => ended.has(grantId),
  };
}

/** The token it has, and the one that it renewed while that goes on. */
const tokensOf = ({ tokenHash, before }: AgentRecord, at: Date): string[] =>
  before !== null && at < new Date(before.until) ? [tokenHash, before.tokenHash] : [tokenHash];

const isBehindGateway = (target: TargetRecord): target is SignedUpstream => isUpstream(target.config);
