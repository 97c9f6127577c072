import type { AuditKind } from '#lib/audit';
import type { Preview } from '#lib/statement';
import type { Operation, TargetKind } from '#lib/targets';

/*
 * What the console shows, as plain data: instants are RFC 3339 strings, names
 * stand beside ids. Server components read these views, client components get
 * them as props, the console's JSON routes send them. No Prisma type leaves lib.
 */

export type Role = 'owner' | 'approver' | 'reviewer';
export type KeyClass = 'attested' | 'claimed' | 'synced';
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
  /** Filed by a call that the gateway held. It may still wait, or be sent again and join this request: nobody here knows. */
  readonly held: boolean;
  readonly preview: Preview | null;
  readonly danger: number;
  readonly createdAt: string;
  readonly decideBy: string;
  readonly decidedAt: string | null;
  readonly decidedBy: Named | null;
  readonly grantId: string | null;
  /** What the viewer may do, and why not: a hint for buttons, since the warden decides. */
  readonly may: { readonly approve: boolean; readonly whyNot: string | null; readonly deny: boolean };
  /** The agent is the viewer's own, and they may approve since nobody else could. */
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
  /** What proves the end, one line each. Null until ended. */
  readonly proof: readonly string[] | null;
  /** Set while the grant is past its end and not proven dead: the page says STILL LIVE and this text. */
  readonly stillLive: string | null;
  readonly reference: string | null;
  /** Why an exact operation did not run; null where it ran or nothing is known. */
  readonly notRun: string | null;
  /** A provider's answer to an exact operation; null for everything else. */
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
  /** The event's canonical JSON. */
  readonly body: string;
  /** The process that says so, by the database's word: `web`, `warden`, `gateway`; else the role that wrote it. */
  readonly reportedBy: string;
  /** When the database got it. */
  readonly recordedAt: string;
}

export interface EventFilter {
  readonly agentId?: string | undefined;
  readonly humanId?: string | undefined;
  readonly targetId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly grantId?: string | undefined;
  /** A noun, such as `request`, for all of its kinds; or one kind. */
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
  /** Its secrets stop working then. */
  readonly expiresAt: string;
  /** Soon is within two weeks. One that is off is not warned of. */
  readonly secretsEnd: 'later' | 'soon' | 'ended';
  readonly keyThumbprint: string | null;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
  /** Targets that it may read at rest, by the rows that the warden keeps of the chain. */
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
  /** What can be read at rest; empty where nothing can. */
  readonly restReads: readonly string[];
  /** The base URL for an agent's client; null for a target that is not behind the gateway. */
  readonly gatewayUrl: string | null;
  /** The provider's schema is no longer the signed one. What is new in it is refused until an owner renews the target. */
  readonly schemaChanged: boolean;
  /** Its secret is sealed to an earlier key of the gateway's: it has to be typed again. */
  readonly typeAgain: boolean;
  readonly createdAt: string;
}

/** A copy of the gateway that said something of late. */
export interface GatewayCopyView {
  readonly id: string;
  readonly startedAt: string;
  readonly seenAt: string;
  readonly state: 'running' | 'silent';
  /** Its certificate is by the key in force, as the warden checked; null where the warden has not said. */
  readonly believed: boolean | null;
}

/** The gateway's key, the file it comes from, its copies, and what a change of key leaves to do. */
export interface GatewayView {
  /** Null before the installation is set up. */
  readonly key: {
    /** RFC 7638, SHA-256, base64url. */
    readonly thumbprint: string;
    readonly since: string;
    readonly by: string;
    /** Signed with the first key of all, when the installation was set up. */
    readonly first: boolean;
  } | null;
  /** Thumbprint of what lies in the warden's PUBLIC_DIR: null for none, undefined where the warden has not said. */
  readonly file: string | null | undefined;
  readonly copies: readonly GatewayCopyView[];
  /** Active targets behind the gateway. */
  readonly targets: readonly Named[];
  /** Of these, whose secret is sealed to an earlier key: nothing passes there until it is typed again. */
  readonly typeAgain: readonly Named[];
}

/** Which keys sign for production. */
export interface ProductionKeysView {
  /** Whether keys whose hardware nobody proved do. */
  readonly acceptsClaimed: boolean;
  readonly since: string;
  readonly by: string;
  /** False where the installation was set up before anybody was asked: then they do not. */
  readonly asked: boolean;
  /** Whose recovery code works, and whether a new key waits on it; null where none works. */
  readonly recovery: { readonly keyId: string; readonly of: string; readonly waits: boolean } | null;
  /** By whose word a key counts as proven; null where the warden has not said. */
  readonly makers: {
    /** Certificates of the owner's own. */
    readonly roots: number;
    /** FIDO's metadata; `nextUpdate` is a date, `overdueDays` is 0 until then. */
    readonly metadata: {
      readonly number: number;
      readonly nextUpdate: string;
      readonly overdueDays: number;
    } | null;
  } | null;
}

export interface KeyView {
  readonly id: string;
  readonly label: string;
  readonly class: KeyClass;
  /** What FIDO's metadata calls its model, and its picture; null where there is none. */
  readonly model: string | null;
  readonly icon: string | null;
  readonly state: 'waiting' | 'active' | 'disabled';
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export interface HumanView extends Named {
  readonly email: string;
  readonly role: Role;
  readonly state: 'waiting' | 'active' | 'disabled';
  readonly keys: readonly KeyView[];
  /** How many agents they own. */
  readonly agents: number;
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

/** A freeze in force: everything is stopped until an owner's key thaws it. */
export interface FreezeView {
  readonly id: string;
  readonly by: Named;
  readonly reason: string;
  readonly begunAt: string;
}

/** What the frame of every page shows: a freeze, a warden that is silent or raises alarms, counts. */
export interface StatusView {
  /** Null while nothing is frozen. */
  readonly freeze: FreezeView | null;
  readonly warden: 'running' | 'silent';
  /** Of the gateway's copies together; `none` where no active target is behind the gateway. */
  readonly gateway: 'running' | 'silent' | 'none';
  readonly alarms: readonly { readonly code: string; readonly text: string; readonly since: string }[];
  readonly counts: { readonly pending: number; readonly live: number; readonly stillLive: number };
  /** What exists already, for the first-run guide. */
  readonly has: {
    readonly target: boolean;
    readonly agent: boolean;
    readonly request: boolean;
    /** A key that is not synced. */
    readonly hardwareKey: boolean;
    /** A key that may sign for production. */
    readonly productionKey: boolean;
  };
}
