import type { Operation, PostgresConfig } from '#lib/targets';
import type { Prepared, SqlResult, Target } from '../driver';
import { grantRole, newPassword } from './catalog/quote';
import type { Pools } from './connection/connection';
import { execute, type RunLimits } from './execute/execute';
import { inspect } from './inspect/inspect';
import { check } from './preview/check';
import { preview } from './preview/preview';
import { end } from './role/end';
import { mint, ready } from './role/mint';
import { probe } from './role/probe';
import { expiredRoles, orphans, sweepDead } from './role/sweep';

export { createPools } from './connection/connection';

/** A target whose operations are statements. */
export interface SqlTarget extends Target {
  execute(prepared: Prepared, operation: Operation, limits: RunLimits): Promise<SqlResult>;
}

/** A PostgreSQL database, 16 or newer. `secret` is the broker's password; every grant is a role that the broker makes and ends. */
export function postgresTarget(pools: Pools, config: PostgresConfig, secret: string): SqlTarget {
  const broker = pools.broker(config, secret);
  const looking = { broker, parser: pools.parser };
  return {
    inspect: () => inspect(broker),
    check: (ask) => check(looking, ask),
    preview: (ask) => preview(looking, ask),
    prepare: (grantId) => ({ reference: grantRole(grantId), secret: newPassword() }),
    mint: (prepared, limits) => mint(broker, prepared, limits),
    execute: (prepared, operation, limits) => execute(broker, prepared, operation, limits),
    way: () => JSON.stringify({ config, secret }),
    end: (reference) => end(broker, reference),
    probe: (prepared) => probe(broker, prepared),
    ready: (resources) => ready(broker, resources),
    orphans: () => orphans(broker),
    expiredRoles: () => expiredRoles(broker),
    sweepDead: () => sweepDead(broker),
  };
}
