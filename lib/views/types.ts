import type { AuditKind } from '#lib/audit';
import type { Preview } from '#lib/statement';
import type { Operation, TargetKind } from '#lib/targets';

/*
 * What the console shows, ready to show: plain data, instants as RFC 3339
 * strings, names beside ids. Server components read it, client components get
 * it as props, the console's JSON routes send it. No Prisma type leaves lib.
 */

export type Role = 'owner' | 'approver' | 'reviewer';
export type KeyClass = 'attested' | 'hardware' | 'synced';
export type RequestState = 'preparing' | 'pending' | 'approved' | 'denied' | 'cancelled' | 'lapsed';
export type GrantState = 'waiting' | 'ready' | 'active' | 'ending' | 'ended';
export type EndReason = 'expired' | 'revoked' | 'spent' | 'voided';

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Who is looking, from their session. */
export interface Viewer extends Named {
  readonly email: string;
  readonly role: Role;
  readonly sessionId: string;
  readonly method: 'key' | 'oidc';
  /** The best class among their active keys; null where they have none. */
  readonly bestKey: KeyClass | null;
}

export interface RequestView {
  readonly id: string;
  readonly state: RequestState;
  readonly stateReason: string | null;
  readonly agent: Named & { readonly owner: Named };
  readonly target: Named & { readonly kind: TargetKind; readonly environment: string };
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly ttlSeconds: number;
  readonly maxUses: number | null;
  readonly reason: string;
  readonly ticketUrl: string | null;
  readonly operation: Operation | null;
  /** The agent's call is held open while people decide. */
  readonly held: boolean;
  readonly preview: Preview | null;
  readonly danger: number;
  readonly createdAt: string;
  readonly decideBy: string;
  readonly decidedAt: string | null;
  readonly decidedBy: Named | null;
  readonly grantId: string | null;
  /** What the viewer may do, and why not. Only a hint for buttons: the warden decides. */
  readonly may: { readonly approve: boolean; readonly whyNot: string | null; readonly deny: boolean };
  /** Set where the viewer could only approve because they are the one person who can. */
  readonly soleOwner: boolean;
  readonly version: number;
}

export interface GrantView {
  readonly id: string;
  readonly kind: 'elevated' | 'exact' | 'resting';
  readonly state: GrantState;
  readonly endReason: EndReason | null;
  readonly endedBy: Named | null;
  readonly requestId: string | null;
  readonly agent: Named;
  readonly target: Named & { readonly kind: TargetKind; readonly environment: string };
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly ttlSeconds: number;
  readonly maxUses: number | null;
  readonly uses: number;
  readonly approvedBy: readonly Named[];
  readonly readyAt: string;
  readonly collectBy: string;
  readonly collectedAt: string | null;
  readonly expiresAt: string | null;
  readonly endingAt: string | null;
  readonly endedAt: string | null;
  /** Lines of proof: what the probe saw. Null until ended. */
  readonly proof: readonly string[] | null;
  /** Past its end and not proven dead: the page says STILL LIVE and this text. */
  readonly stillLive: string | null;
  readonly reference: string | null;
  /** Why an exact operation did not run, as far as it is known. */
  readonly notRun: string | null;
  /** What a provider answered to an exact operation; null for all else. */
  readonly answer: { readonly status: number; readonly body: string; readonly truncated: boolean } | null;
  readonly version: number;
}

export interface EventView {
  readonly seq: string;
  readonly id: string;
  readonly kind: AuditKind;
  readonly at: string;
  readonly actor: Named;
  /** One plain sentence: "Ada approved deploy-bot's request". */
  readonly sentence: string;
  readonly agent: Named | null;
  readonly human: Named | null;
  readonly target: Named | null;
  readonly requestId: string | null;
  readonly grantId: string | null;
  /** The canonical JSON. */
  readonly body: string;
}

export interface EventFilter {
  readonly agentId?: string | undefined;
  readonly humanId?: string | undefined;
  readonly targetId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly grantId?: string | undefined;
  /** `request`, `grant`, … : all kinds of that noun, or one whole kind. */
  readonly kind?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
}

export interface AgentView extends Named {
  readonly description: string;
  readonly owner: Named;
  readonly state: 'active' | 'disabled' | 'deleted';
  readonly tokenHint: string;
  readonly tokenIssuedAt: string;
  readonly keyThumbprint: string | null;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
  /** Targets it may read at rest, as the chain says. */
  readonly rests: readonly (Named & { readonly environment: string; readonly ttlSeconds: number })[];
}

export interface TargetView extends Named {
  readonly kind: TargetKind;
  readonly environment: string;
  readonly state: 'active' | 'disabled';
  /** Label and value, in the order to show them. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly verbs: readonly string[];
  readonly exampleResources: readonly string[];
  /** Whether it can be read at rest, and what. */
  readonly restReads: readonly string[];
  /** Where an agent's client is pointed; null for what is not behind the gateway. */
  readonly gatewayUrl: string | null;
  /** The provider's schema is another than was signed: new things in it are not known until it is renewed. */
  readonly schemaChanged: boolean;
  readonly createdAt: string;
}

export interface KeyView {
  readonly id: string;
  readonly label: string;
  readonly class: KeyClass;
  readonly state: 'waiting' | 'active' | 'disabled';
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export interface HumanView extends Named {
  readonly email: string;
  readonly role: Role;
  readonly state: 'waiting' | 'active' | 'disabled';
  readonly keys: readonly KeyView[];
  readonly createdAt: string;
}

export interface InvitationView {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly expiresAt: string;
}

export interface SessionView {
  readonly id: string;
  readonly current: boolean;
  readonly method: 'key' | 'oidc';
  readonly userAgent: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
}

/** What the banner says: a warden that is silent or alarmed. */
/** Everything stopped, until an owner's key thaws it. */
export interface FreezeView {
  readonly id: string;
  readonly by: Named;
  readonly reason: string;
  readonly begunAt: string;
}

export interface StatusView {
  /** Null while nothing is frozen. */
  readonly freeze: FreezeView | null;
  readonly warden: 'running' | 'silent';
  readonly alarms: readonly { readonly code: string; readonly text: string; readonly since: string }[];
  readonly counts: { readonly pending: number; readonly live: number; readonly stillLive: number };
  /** First-run guide: what exists already. */
  readonly has: {
    readonly target: boolean;
    readonly agent: boolean;
    readonly request: boolean;
    readonly hardwareKey: boolean;
  };
}
