import type { KeyFacts } from '#lib/statement';
import type { TargetConfig } from '#lib/targets';

export interface SignedHuman {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: 'owner' | 'approver' | 'reviewer';
  readonly active: boolean;
}

export interface SignedKey extends KeyFacts {
  readonly humanId: string;
  readonly active: boolean;
}

export interface SignedTarget {
  readonly id: string;
  readonly config: TargetConfig;
  readonly secretDigest: string;
  readonly chainHash: string;
  readonly active: boolean;
}

export interface SignedRest {
  readonly agentId: string;
  readonly tokenThumbprint: string;
  readonly keyThumbprint: string | null;
  readonly targetId: string;
  readonly reads: readonly string[];
  readonly ttlSeconds: number;
  readonly chainHash: string;
}

/** People, keys, targets and resting rights that chain back to the pinned key. Nothing else exists. */
export interface Authority {
  readonly head: { readonly seq: number; readonly hash: string };
  readonly humans: ReadonlyMap<string, SignedHuman>;
  readonly keys: ReadonlyMap<string, SignedKey>;
  readonly targets: ReadonlyMap<string, SignedTarget>;
  /** By `agentId targetId`. */
  readonly rests: ReadonlyMap<string, SignedRest>;
  /** Ids of freezes that an owner's key has ended. */
  readonly thawed: ReadonlySet<string>;
}

/** Where an agent's resting right at a target stands in `rests`. */
export const restKey = (agentId: string, targetId: string): string => `${agentId} ${targetId}`;
