import type { KeyObject } from 'node:crypto';
import type { Authority } from '#lib/authority';
import type { Json } from '#lib/core';
import type { Db, Hot, Listener } from '#lib/db';
import type { AgentFacts } from '#lib/identity';
import type { Act, Scope } from '#lib/profiles';
import type { Alarms } from '#warden/alarms';
import type { AuthorityKeeper } from '#warden/authority';
import type { Seen } from './recorder';

/** A grant as its token says, in the words that were signed. */
export interface StandingGrant {
  readonly id: string;
  readonly targetId: string;
  readonly requestId: string | null;
  readonly scope: Scope;
  readonly maxUses: number | null;
  readonly expiresAt: Date;
}

export type Caller =
  | { readonly kind: 'agent'; readonly agent: AgentFacts }
  | { readonly kind: 'grant'; readonly agent: AgentFacts; readonly grant: StandingGrant };

/** A call's line and the two heads that say who makes it. */
export interface Calling {
  readonly method: string;
  /** Without query and fragment (RFC 9449 §4.2). */
  readonly url: string;
  readonly authorization: string | undefined;
  readonly dpop: string | undefined;
}

export interface Standing {
  /** Who calls. Throws `unauthenticated`, `proof_required` or `gone`; no database where they called before. */
  know(calling: Calling): Promise<Caller>;
  /** The authority, confirmed no longer ago than this. Throws `unavailable` or `minting_stopped`. */
  authority(bound: { readonly seconds: number }): Promise<Authority>;
  /** How old what is known may be: seconds since the database last confirmed all of it. */
  ageSeconds(): number;
  /** The last authority that held, of whatever age: to refuse by, never to let pass by. Null for none. */
  known(): Authority | null;
  /** Lets a grant be used once: counted and recorded before anything goes out. Throws `gone`. */
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

export interface StandingParts {
  readonly db: Db;
  readonly hot: Hot;
  readonly listener: Listener;
  readonly authority: AuthorityKeeper;
  readonly alarms: Alarms;
  /** The warden's public key. */
  readonly tokenKey: KeyObject;
  readonly gatewayOrigin: string;
}
