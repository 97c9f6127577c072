import type { Json } from '#lib/core';
import type { AgentFacts } from '#lib/identity';
import type { Preview } from '#lib/statement';
import type { Ask, Operation, TokenConfig, UpstreamConfig } from '#lib/targets';

/*
 * The one interface every kind of target stands behind. A target is opened with
 * its public config and its secret; both stay inside. Every failure is a
 * DomainError without a secret in it: `target_unreachable`, `target_refused` or
 * `invalid_request`.
 */

/** Something that must be put right before this target is safe to hold, and the exact statements that do. */
export interface Danger {
  readonly text: string;
  readonly mend: string;
}

export interface Inspection {
  /** As the target tells it: "PostgreSQL 18.4". */
  readonly version: string;
  readonly tables: readonly {
    readonly resource: string;
    readonly kind: string;
    readonly estimatedRows: number | null;
  }[];
  /** What the one safe call was answered, as far as a person reads it; to be shown to who typed the secret, and kept nowhere. Left out where the address may be a private one. */
  readonly answered?: string;
  /** Not empty: the target is refused. */
  readonly dangers: readonly Danger[];
  /** What an owner should know and may accept. */
  readonly warnings: readonly string[];
  /** A whole script that makes a good broker here, or null where the kind has none. */
  readonly script: string | null;
  /** The provider's schema as it is now, where operations are classified by one: an owner signs its hash. */
  readonly schema?: ProviderSchema;
  /** Whether that is another one than was signed; left out where nothing was signed yet. */
  readonly schemaChanged?: boolean;
}

/** Canonical SDL and its SHA-256, base64url. */
interface ProviderSchema {
  readonly hash: string;
  readonly sdl: string;
}

/** A credential thought up before it is minted, so that it can be sealed and stored first (P5). */
export interface Prepared {
  /** Public: the role's name, or the token's jti. */
  readonly reference: string;
  /** Never leaves the warden but by delivery. */
  readonly secret: string;
}

export interface MintLimits {
  readonly grantId: string;
  readonly targetId: string;
  /** Who holds it, as it was signed: what a token says of its bearer. */
  readonly agent: AgentFacts;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Null: not counted. */
  readonly maxUses: number | null;
  /** By the clock of Countersign's database. */
  readonly mintedAt: Date;
  readonly expiresAt: Date;
  /** Leads from the target's own log back to the approval: grant id and request digest. */
  readonly comment: string;
  /** The warden runs one operation itself and nobody gets a credential: where none is needed for that, none is made. */
  readonly exact?: boolean;
}

interface PostgresDelivery {
  readonly kind: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** All of the above as one connection string. */
  readonly url: string;
  readonly expiresAt: Date;
}

interface TokenDelivery {
  readonly kind: 'token';
  readonly accessToken: string;
  readonly tokenType: 'Bearer' | 'DPoP';
  readonly expiresAt: Date;
}

/** A token for Countersign's own gateway: the provider's secret stays inside. */
interface GatewayDelivery {
  readonly kind: 'gateway';
  /** Point the client here. */
  readonly url: string;
  /** Empty where the warden runs the one operation itself. */
  readonly accessToken: string;
  readonly tokenType: 'Bearer' | 'DPoP';
  readonly expiresAt: Date;
}

/** What the agent gets, once. */
export type Delivery = PostgresDelivery | TokenDelivery | GatewayDelivery;

/** What an exact operation may do, from the approved preview. */
export interface ExecuteLimits {
  readonly verbs: readonly string[];
  readonly maxRows: number;
  readonly touched: Preview['touched'];
  /** The whole ask and preview that were signed: what an upstream's drift is measured against. */
  readonly ask: Ask;
  readonly preview: Preview;
  /**
   * The last word, to be asked directly before anything goes out: throws where
   * the grant ended while the target was being looked at (T64). Looking may take long.
   */
  beforeSend(): Promise<void>;
}

/** What an SQL statement did. */
export interface SqlResult {
  /** As the target counts the statement itself. */
  readonly rowCount: number;
  readonly columns: readonly string[];
  /** The first 1,000 rows and 256 KiB of them. */
  readonly rows: readonly (readonly Json[])[];
  readonly truncated: boolean;
  /** What was written, cascades and triggers included. */
  readonly written: readonly Written[];
}

/** What the provider answered to an exact operation, its secret redacted. */
export interface UpstreamResult {
  readonly status: number;
  readonly contentType: string;
  /** The first 256 KiB. */
  readonly body: string;
  readonly truncated: boolean;
}

export type OperationResult = SqlResult | UpstreamResult;

export interface Written {
  readonly resource: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** What the probe saw. `dead` only where the target itself said so: silence proves nothing (P5). */
export interface Proof {
  readonly dead: boolean;
  /** One plain sentence a line; the reason where it is not dead. */
  readonly lines: readonly string[];
}

/** What a token's state is, as the introspection endpoint would answer now, by the database's clock. */
export interface TokenState {
  readonly active: boolean;
  /** Null where no token was ever issued under this jti. */
  readonly expiresAt: Date | null;
  readonly now: Date;
}

/** The part of the warden that knows the signing key and the grants. */
export interface TokenParts {
  /** A token for the owner's own service. */
  mint(config: TokenConfig, prepared: Prepared, limits: MintLimits): Promise<Delivery>;
  /** A token for the gateway in front of this target, and for nothing else (T26). */
  mintForGateway(config: UpstreamConfig, prepared: Prepared, limits: MintLimits): Promise<Delivery>;
  introspect(jti: string): Promise<TokenState>;
}

export interface Target {
  /** Looks with the target's own secret. Changes nothing. */
  inspect(): Promise<Inspection>;
  /** Throws `invalid_request` for what cannot be asked here, by the request and the catalogue alone, which the agent may be told. */
  check(ask: Ask): Promise<void>;
  /** What the request would do. What this throws rests on what was found, and is for people. */
  preview(ask: Ask, requestId: string): Promise<Preview>;
  /** No I/O. The reference follows from the grant where the kind allows it. */
  prepare(grantId: string): Prepared;
  /** Makes the credential: all of it or none. After an error of unknown outcome, call `end`. */
  mint(prepared: Prepared, limits: MintLimits): Promise<Delivery>;
  /** Runs the operation once with a minted credential, or not at all. */
  execute(prepared: Prepared, operation: Operation, limits: ExecuteLimits): Promise<OperationResult>;
  /** How to reach it again without the database, to end what lives there: to be sealed at once. Null where nothing is taken away there. */
  way(): string | null;
  /** Takes away power, sessions and name. Safe to repeat, at any point, also where nothing was minted. Returns what was left behind for the owner. */
  end(reference: string): Promise<readonly string[]>;
  /** Tries the dead credential. An unreachable target is not a dead one. */
  probe(prepared: Prepared): Promise<Proof>;
  /**
   * Throws `target_unreachable` where it is away, and `unavailable` where somebody's lock stands in the way of a
   * credential for this. Asked before the one collection is used up.
   */
  ready(resources: readonly string[]): Promise<void>;
  /** References of grants' credentials that live at the target; the caller ends those no grant knows. */
  orphans(): Promise<readonly string[]>;
  /** Those of them whose end, as the target itself was told it, is past by half a minute: nobody can move that one in a row (P5). */
  expiredRoles(): Promise<readonly string[]>;
  /** Removes what interrupted previews left, and names of what is dead that others' locks kept. Returns their references. */
  sweepDead(): Promise<readonly string[]>;
}
