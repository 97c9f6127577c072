import type { SignedState } from '#gateway/head';
import type { Json } from '#lib/core';
import type { AgentFacts } from '#lib/identity';
import type { Act, Scope } from '#lib/profiles';
import type { Seen } from './recorder';

/** A grant as its token says, in the words that were signed. */
export interface CallersGrant {
  readonly id: string;
  readonly targetId: string;
  readonly requestId: string | null;
  readonly scope: Scope;
  readonly maxUses: number | null;
  readonly expiresAt: Date;
}

interface Proven {
  readonly agent: AgentFacts;
  /** What names the proof that came with the call; null for an agent without a key. */
  readonly proofId?: string | null;
}

export type Caller =
  | (Proven & { readonly kind: 'agent' })
  | (Proven & { readonly kind: 'grant'; readonly grant: CallersGrant });

/** A call's line and the two headers that say who makes it. */
export interface Calling {
  readonly method: string;
  /** Without query and fragment (RFC 9449 §4.2). */
  readonly url: string;
  readonly authorization: string | undefined;
  readonly dpop: string | undefined;
}

export interface Callers {
  /** Who calls. Throws `unauthenticated`, `proof_required` or `gone`; asks no database where they called before. */
  authenticate(calling: Calling): Promise<Caller>;
  /** What was signed, known to be no older than this. Throws `unavailable`. */
  signed(bound: { readonly seconds: number }): SignedState;
  /** Lets a grant be used once: counted and recorded before anything goes out. Throws `gone` or `proof_required`. */
  use(
    caller: Extract<Caller, { kind: 'grant' }>,
    use: { readonly acts: readonly Act[]; readonly operation: Json },
  ): Promise<void>;
  /** Throws `gone` where the grant has ended: for what is read with it and not counted. */
  mustLive(caller: Extract<Caller, { kind: 'grant' }>): Promise<void>;
  record(seen: Seen): void;
  refused(seen: Seen): void;
  canRecord(): boolean;
  /** For the `DPoP-Nonce` header of every answer. */
  nonce(): string;
  stop(): Promise<void>;
}
