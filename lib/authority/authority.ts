import type { AgentSecrets, KeyFacts } from '#lib/statement';
import type { TargetConfig } from '#lib/targets';

/** A person as an owner's key admitted them. */
export interface SignedHuman {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: 'owner' | 'approver' | 'reviewer';
  readonly active: boolean;
}

/** A key as another key, or the pin, enrolled it. */
export interface SignedKey extends Omit<KeyFacts, 'class'> {
  readonly humanId: string;
  /** What is known of its hardware: its maker proved it, it says so itself, or it is copied about. */
  readonly class: 'attested' | 'claimed' | 'synced';
  readonly active: boolean;
}

/** A target as an owner's key added it, with what was renewed since. */
export interface SignedTarget {
  readonly id: string;
  readonly config: TargetConfig;
  /** SHA-256 of the secret's ciphertext, base64url. */
  readonly secretDigest: string;
  /** Hash of the entry that added it. Renewing keeps it, so approvals that name it still stand. */
  readonly chainHash: string;
  readonly active: boolean;
}

/** An agent as a key registered it, with what was signed for it since. */
export interface SignedAgent {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  /** SHA-256 of its ask token, base64url. */
  readonly tokenHash: string;
  /** Last letters of its ask token, to tell it from others. */
  readonly tokenHint: string;
  /** SHA-256 of its collect secret, base64url; null where it has a key and collects with that. */
  readonly collectHash: string | null;
  readonly publicJwk: AgentSecrets['publicJwk'];
  /** RFC 7638, SHA-256, base64url. */
  readonly keyThumbprint: string | null;
  /** From when to when its secrets work. */
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** The token that it renewed itself, while that goes on. */
  readonly before: { readonly tokenHash: string; readonly until: Date } | null;
  /** Hash of the entry that last let it in: whoever turned it off before has not turned off this. */
  readonly chainHash: string;
}

/** What an owner's key lets one agent read at rest at one target, whatever secrets it has by then. */
export interface SignedRest {
  readonly agentId: string;
  readonly targetId: string;
  readonly reads: readonly string[];
  readonly ttlSeconds: number;
  readonly chainHash: string;
}

/** Everything that chains back to the pinned first key. The warden believes this and no row beside it. */
export interface Authority {
  readonly head: { readonly seq: number; readonly hash: string };
  readonly humans: ReadonlyMap<string, SignedHuman>;
  readonly keys: ReadonlyMap<string, SignedKey>;
  readonly targets: ReadonlyMap<string, SignedTarget>;
  readonly agents: ReadonlyMap<string, SignedAgent>;
  /** By `restKey`. */
  readonly rests: ReadonlyMap<string, SignedRest>;
  /** Freezes that an owner's key has ended, by id, and when that statement was made. */
  readonly thawed: ReadonlyMap<string, Date>;
  /** RFC 7638 thumbprint of the gateway's key: what another key signs is not the gateway's. */
  readonly gatewayKey: string;
  /** Whether production takes keys that only claim to be hardware, by an owner's signature. */
  readonly acceptsClaimed: boolean;
  /** The founder's recovery code, until it was used or stopped. It signs for one further key of theirs, and for nothing else. */
  readonly recovery: SignedKey | null;
}
