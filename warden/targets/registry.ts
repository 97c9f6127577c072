import type { GraphQLSchema } from 'graphql';
import type { Upstream, Upstreams } from '#gateway/upstream';
import type { GraphqlConfig, HttpConfig, TargetConfig } from '#lib/targets';
import type { Target, TokenParts } from './driver';
import { createPools, postgresTarget } from './postgres';
import { tokenTarget } from './token';

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

/** How targets behind the gateway are opened: they are the gateway's own. */
export interface Providers {
  graphql(
    parts: { readonly tokens: TokenParts; readonly upstream: Upstream; readonly schema: GraphQLSchema | null },
    config: GraphqlConfig,
  ): Target;
  http(parts: { readonly tokens: TokenParts; readonly upstream: Upstream }, config: HttpConfig): Target;
}

/** The registry: the one place that knows every kind. */
export function createTargets(parts: {
  readonly token: TokenParts;
  readonly upstreams: Upstreams;
  readonly providers: Providers;
}): Targets {
  const { token: tokens, upstreams, providers } = parts;
  const pools = createPools();
  return {
    open(config, secret, schema = null) {
      switch (config.kind) {
        case 'postgres':
          return postgresTarget(pools, config, secret);
        case 'token':
          return tokenTarget(tokens, config);
        case 'graphql':
          return providers.graphql({ tokens, upstream: upstreams.open(config, secret), schema }, config);
        case 'http':
          return providers.http({ tokens, upstream: upstreams.open(config, secret) }, config);
        default:
          return config satisfies never;
      }
    },
    close: () => pools.close(),
  };
}
