import type { GraphQLSchema } from 'graphql';
import type { Upstream } from '#gateway/upstream';
import type { Act } from '#lib/profiles';
import type { UpstreamResult } from '#lib/records';
import type { Preview } from '#lib/statement';
import type { Ask, Operation } from '#lib/targets';

/*
 * The one interface every kind of provider stands behind. Every failure is a
 * DomainError without a secret in it: `target_unreachable`, `target_refused` or
 * `invalid_request`.
 */

/** Something that must be put right before this target is safe to hold, and what does that. */
export interface Danger {
  readonly text: string;
  readonly mend: string;
}

/** Canonical SDL and its SHA-256, base64url. */
interface ProviderSchema {
  readonly hash: string;
  readonly sdl: string;
}

export interface Inspection {
  /** What answers there, in words. */
  readonly version: string;
  /** What the one safe call was answered, as far as a person reads it; to be shown to who typed the secret, and kept nowhere. Left out where the address may be a private one. */
  readonly answered?: string;
  /** Not empty: the target is refused. */
  readonly dangers: readonly Danger[];
  /** What an owner should know and may accept. */
  readonly warnings: readonly string[];
  /** The provider's schema as it is now, where operations are classified by one: an owner signs its hash. */
  readonly schema?: ProviderSchema;
  /** Whether that is another one than was signed; left out where nothing was signed yet. */
  readonly schemaChanged?: boolean;
}

/** What a request would do. */
export interface Finding {
  /** In the words it would be sent in; null for a grant of a kind. */
  readonly operation: Operation | null;
  /** What the operation does; none for a grant of a kind. */
  readonly acts: readonly Act[];
  readonly preview: Preview;
}

/** An approved operation, to be run once. */
export interface Approved {
  /** The whole ask and preview that were signed: what drift is measured against. */
  readonly ask: Ask;
  readonly preview: Preview;
  /**
   * The last word, to be asked directly before anything goes out: throws where
   * the grant ended while the target was being looked at (T64). Looking may take long.
   */
  beforeSend(): Promise<void>;
}

/** How a provider is opened: its way out, and what its operations are classified by. */
export interface ProviderParts {
  readonly upstream: Upstream;
  /** Null for http, and before an owner has signed one: then a graphql target can be inspected, and refuses everything above that. */
  readonly schema: GraphQLSchema | null;
}

export interface Provider {
  /** Looks with the provider's own secret. Changes nothing. */
  inspect(): Promise<Inspection>;
  /** Throws `invalid_request` for what cannot be asked here, by its words and the signed schema alone. */
  check(ask: Ask): void;
  /** What the request would do. */
  look(ask: Ask): Promise<Finding>;
  /** Runs the operation once, or not at all. */
  execute(approved: Approved): Promise<UpstreamResult>;
}
