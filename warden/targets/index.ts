import type { GraphQLSchema } from 'graphql';
import type { TargetConfig } from '#lib/targets';
import type { Upstreams } from '#warden/upstream';
import type { Target, TokenParts } from './driver';
import { graphqlTarget } from './graphql';
import { httpTarget } from './http';
import { createPools, postgresTarget } from './postgres';
import { tokenTarget } from './token';

export type {
  Danger,
  Delivery,
  ExecuteLimits,
  Inspection,
  MintLimits,
  OperationResult,
  Prepared,
  Proof,
  SqlResult,
  Target,
  TokenParts,
  TokenState,
  UpstreamResult,
  Written,
} from './driver';

/** Opens targets by kind, and keeps the few connections to them. */
export interface Targets {
  /**
   * No I/O. Throws where the address or the secret may not be used at all. `secret` is what the owner typed: a database broker's password, a
   * provider's token; empty for a token target. `schema` is what a graphql
   * target's operations are judged by; without one it can be inspected, and
   * refuses everything above that.
   */
  open(config: TargetConfig, secret: string, schema?: GraphQLSchema | null): Target;
  /** Ends every kept connection. */
  close(): Promise<void>;
}

/** The registry: the one place that knows every kind. */
export function createTargets(parts: { readonly token: TokenParts; readonly upstreams: Upstreams }): Targets {
  const { token: tokens, upstreams } = parts;
  const pools = createPools();
  return {
    open(config, secret, schema = null) {
      switch (config.kind) {
        case 'postgres':
          return postgresTarget(pools, config, secret);
        case 'token':
          return tokenTarget(tokens, config);
        case 'graphql':
          return graphqlTarget({ tokens, upstream: upstreams.open(config, secret), schema }, config);
        case 'http':
          return httpTarget({ tokens, upstream: upstreams.open(config, secret) }, config);
        default:
          return config satisfies never;
      }
    },
    close: () => pools.close(),
  };
}
