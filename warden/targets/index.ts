import type { TargetConfig } from '#lib/targets';
import type { Target } from './driver';
import { createPools, postgresTarget } from './postgres';
import { type TokenParts, tokenTarget } from './token';

export type {
  Danger,
  Delivery,
  ExecuteLimits,
  Inspection,
  MintLimits,
  OperationResult,
  Prepared,
  Proof,
  Target,
  Written,
} from './driver';
export type { TokenParts, TokenState } from './token';

/** Opens targets by kind, and keeps the few connections to them. */
export interface Targets {
  /** No I/O. `secret` is what the owner typed: a database broker's password; empty for a token target. */
  open(config: TargetConfig, secret: string): Target;
  /** Ends every kept connection. */
  close(): Promise<void>;
}

/** The registry: the one place that knows every kind. */
export function createTargets(parts: { readonly token: TokenParts }): Targets {
  const pools = createPools();
  return {
    open: (config, secret) =>
      config.kind === 'postgres' ? postgresTarget(pools, config, secret) : tokenTarget(parts.token, config),
    close: () => pools.close(),
  };
}
