import type { Operation, PostgresConfig } from '#lib/targets';
import type { Prepared, SqlResult, Target } from '../driver';
import type { Pools } from './connection';
import { end } from './end';
import { execute, type RunLimits } from './execute';
import { inspect } from './inspect';
import { mint } from './mint';
import { preview } from './preview';
import { probe } from './probe';
import { grantRole, newPassword } from './quote';
import { orphans, overstayed, sweepPreviews } from './sweep';

export { createPools, type Pools } from './connection';

/** A target whose operations are statements. */
export interface SqlTarget extends Target {
  execute(prepared: Prepared, operation: Operation, limits: RunLimits): Promise<SqlResult>;
}

/** A PostgreSQL database, 16 or newer. `secret` is the broker's password; every grant is a role that the broker makes and ends. */
export function postgresTarget(pools: Pools, config: PostgresConfig, secret: string): SqlTarget {
  const broker = pools.broker(config, secret);
  return {
    inspect: () => inspect(broker),
    preview: (ask, requestId) => preview(broker, ask, requestId),
    prepare: (grantId) => ({ reference: grantRole(grantId), secret: newPassword() }),
    mint: (prepared, limits) => mint(broker, prepared, limits),
    execute: (prepared, operation, limits) => execute(broker, prepared, operation, limits),
    end: (reference) => end(broker, reference),
    probe: (prepared) => probe(broker, prepared),
    orphans: () => orphans(broker),
    overstayed: () => overstayed(broker),
    sweepPreviews: () => sweepPreviews(broker),
  };
}
