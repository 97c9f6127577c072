import type { Preview } from '#lib/statement';
import type { TargetConfig } from '#lib/targets';
import { dangerOf, isProduction, type Scope } from './danger';
import { POLICY, policyHash } from './policy';

/** What it takes to get a request granted. */
export interface Requirements {
  readonly policyHash: string;
  /** Distinct people who must sign. */
  readonly quorum: number;
  readonly roles: readonly string[];
  readonly keyClass: 'hardware' | 'any';
  /** Text that the page asks the approver to type, or null. */
  readonly confirm: string | null;
  /** 0 reads, 1 writes, 2 destroys, and 3 more in production. */
  readonly danger: number;
  readonly decideWithinSeconds: number;
  readonly collectWithinSeconds: number;
  readonly cooldownSeconds: number;
}

/** As much of a preview as the requirements rest on. */
export type Seen = Pick<Preview, 'environment' | 'subject'>;

/**
 * Says what a request takes, and is the only function that does. Before the
 * preview exists (`seen` is null) it says the least that the request may take.
 */
export function requirementsOf(target: TargetConfig, scope: Scope, seen: Seen | null = null): Requirements {
  const found = seen === null ? undefined : (seen.environment ?? null);
  const danger = dangerOf(target, scope, found);
  return {
    policyHash: policyHash(target),
    quorum: POLICY.quorum,
    roles: POLICY.approverRoles,
    keyClass: isProduction(target, scope, found) ? 'hardware' : 'any',
    confirm: danger % 3 >= POLICY.confirmFromDanger ? (seen?.subject ?? confirmation(target, scope.resources)) : null,
    danger,
    decideWithinSeconds: POLICY.decideWithinSeconds,
    collectWithinSeconds: POLICY.collectWithinSeconds,
    cooldownSeconds: POLICY.cooldownSeconds,
  };
}

/** The resource's own name. For several, or for `*`, the target's: a typed `*` would not show that the person knows what it covers. */
function confirmation(target: TargetConfig, resources: readonly string[]): string {
  const [only] = resources;
  return resources.length === 1 && only !== undefined && !only.endsWith('*')
    ? only.slice(only.indexOf('/') + 1)
    : target.name;
}
