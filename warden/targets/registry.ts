import type { TargetConfig } from '#lib/targets';
import type { Target, TokenParts } from './driver';
import { gatewayTarget } from './gateway';
import { createPools, postgresTarget } from './postgres';
import { tokenTarget } from './token';

/** Opens targets by kind, and keeps the few connections to them. */
export interface Targets {
  /**
   * No I/O. Throws where the address or the secret may not be used at all. `secret` is a database broker's password, and
   * empty for every other kind: the warden holds no other.
   */
  open(config: TargetConfig, secret: string): Target;
  /** The target that a way (`Target.way`) leads to. */
  reopen(way: string): Target;
  /** Ends every kept connection. */
  close(): Promise<void>;
}

/** The registry: the one place that knows every kind. */
export function createTargets(tokens: TokenParts): Targets {
  const pools = createPools();
  const targets: Targets = {
    open(config, secret) {
      switch (config.kind) {
        case 'postgres':
          return postgresTarget(pools, config, secret);
        case 'token':
          return tokenTarget(tokens, config);
        case 'graphql':
        case 'http':
          return gatewayTarget(tokens, config);
        default:
          return config satisfies never;
      }
    },
    reopen(way) {
      const { config, secret } = JSON.parse(way) as { readonly config: TargetConfig; readonly secret: string };
      return targets.open(config, secret);
    },
    close: () => pools.close(),
  };
  return targets;
}
