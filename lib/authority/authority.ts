import type { KeyFacts } from '#lib/statement';
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

/** What an owner's key lets one agent read at rest at one target. */
export interface SignedRest {
  readonly agentId: string;
  readonly tokenThumbprint: string;
  readonly keyThumbprint: string | null;
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

/** A key that signs changes of the chain, the recovery code's among them. */
export const signerOf = ({ keys, recovery }: Authority, id: string): SignedKey | undefined =>
  keys.get(id) ?? (recovery?.id === id ? recovery : undefined);

/** A key's class. `hardware` is what a key said of itself while nothing was verified. */
export const classOf = (said: KeyFacts['class']): SignedKey['class'] => (said === 'hardware' ? 'claimed' : said);

/** Whether a key may sign for production. The only rule about it. */
export const fitsProduction = (
  key: Pick<SignedKey, 'class'>,
  { acceptsClaimed }: Pick<Authority, 'acceptsClaimed'>,
): boolean => key.class === 'attested' || (key.class === 'claimed' && acceptsClaimed);

/** The authority without these keys: those that the warden retired by itself, which count no more than disabled ones. */
export function withoutKeys(authority: Authority, ids: readonly string[]): Authority {
  if (ids.length === 0) return authority;
  const keys = [...authority.keys].map(
    ([id, key]) => [id, { ...key, active: key.active && !ids.includes(id) }] as const,
  );
  const recovery = ids.includes(authority.recovery?.id ?? '') ? null : authority.recovery;
  return { ...authority, keys: new Map(keys), recovery };
}

/** The key in `rests` of an agent's right at a target. */
export const restKey = (agentId: string, targetId: string): string => `${agentId} ${targetId}`;

/** Who may own agents, and answers for what they ask: whoever may decide. */
export const mayOwnAgents = ({ active, role }: Pick<SignedHuman, 'active' | 'role'>): boolean =>
  active && role !== 'reviewer';
