import { canonicalText, sha256Base64url } from '#lib/core';
import { profileHash } from '#lib/profiles';
import { isUpstream, type TargetConfig } from '#lib/targets';

/** The policy in force: a table of constants, hashed as one so that a change of any of them is another policy. */
export const POLICY = {
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

/**
 * Hashes the policy and the profile that classes a target's operations: SHA-256
 * of their canonical JSON, base64url. Each statement pins it, so that an
 * approval given under other rules mints nothing.
 */
export const policyHash = (target: TargetConfig): string =>
  sha256Base64url(canonicalText(isUpstream(target) ? [POLICY, profileHash(target.profile)] : POLICY));
