import { canonicalText, sha256Base64url } from '#lib/core';
import { profileHash } from '#lib/profiles';
import type { Preview } from '#lib/statement';
import { type Ask, dangerOf, isProduction, isUpstream, type TargetConfig } from '#lib/targets';

/**
 * The one function that says what a request takes. Today a table of constants;
 * behind the same door a policy language can stand later. Pure: values in,
 * verdict out.
 */
const POLICY = {
  name: 'built-in',
  version: 2,
  quorum: 1,
  approverRoles: ['owner', 'approver'],
  decideWithinSeconds: 3_600,
  collectWithinSeconds: 600,
  cooldownSeconds: 0,
  hardwareKeyFrom: ['production'],
  unknownEnvironment: 'production',
  confirmFromDanger: 2,
} as const;

/** SHA-256 of the policy's canonical JSON and of the profile that classes a target's operations, base64url. Every statement pins it. */
const policyHash = (target: TargetConfig): string =>
  sha256Base64url(canonicalText(isUpstream(target) ? [POLICY, profileHash(target.profile)] : POLICY));

/** What it will take to get this request granted. */
export interface Verdict {
  readonly policyHash: string;
  /** Distinct people who must sign. */
  readonly quorum: number;
  readonly roles: readonly string[];
  readonly keyClass: 'hardware' | 'any';
  /** Text the approver must type, or null. */
  readonly confirm: string | null;
  readonly danger: number;
  readonly decideWithinSeconds: number;
  readonly collectWithinSeconds: number;
  readonly cooldownSeconds: number;
}

/** What the preview found that a decision rests on. */
export type Seen = Pick<Preview, 'environment' | 'subject'>;

/**
 * Before there is a preview it says the least that it may take; with one, what
 * it takes. The environment the target itself named counts as much as its owner's
 * word, and one that it should have named and did not is production.
 */
export function judge(target: TargetConfig, ask: Pick<Ask, 'verbs' | 'resources'>, seen: Seen | null = null): Verdict {
  const found = seen === null ? undefined : (seen.environment ?? null);
  const danger = dangerOf(target, ask, found);
  return {
    policyHash: policyHash(target),
    quorum: POLICY.quorum,
    roles: POLICY.approverRoles,
    keyClass: isProduction(target, ask, found) ? 'hardware' : 'any',
    confirm: danger % 3 >= POLICY.confirmFromDanger ? (seen?.subject ?? confirmation(target, ask.resources)) : null,
    danger,
    decideWithinSeconds: POLICY.decideWithinSeconds,
    collectWithinSeconds: POLICY.collectWithinSeconds,
    cooldownSeconds: POLICY.cooldownSeconds,
  };
}

/** The resource's own name, or the target's where there are several: nobody types `*` and knows what it was. */
function confirmation(target: TargetConfig, resources: readonly string[]): string {
  const [only] = resources;
  return resources.length === 1 && only !== undefined && !only.endsWith('*')
    ? only.slice(only.indexOf('/') + 1)
    : target.name;
}

/** Who wants to approve, as the signed roster knows them. */
export interface Approver {
  readonly humanId: string;
  readonly role: string;
  readonly active: boolean;
  readonly keyClass: 'attested' | 'hardware' | 'synced';
  readonly keyActive: boolean;
}

export type Refusal = 'not_active' | 'role' | 'key_class' | 'own_agent';

/** Null when this person may approve with this key; else why not. */
export function mayApprove(
  verdict: Verdict,
  approver: Approver,
  request: { readonly agentOwnerId: string; readonly soleOwnerMayApprove: boolean; readonly otherApprovers: number },
): Refusal | null {
  if (!approver.active || !approver.keyActive) return 'not_active';
  if (!verdict.roles.includes(approver.role)) return 'role';
  if (verdict.keyClass === 'hardware' && approver.keyClass === 'synced') return 'key_class';
  const alone = request.soleOwnerMayApprove && request.otherApprovers === 0 && approver.role === 'owner';
  if (request.agentOwnerId === approver.humanId && !alone) return 'own_agent';
  return null;
}
