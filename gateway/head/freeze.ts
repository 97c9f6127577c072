import { refuse } from '#lib/core';
import type { SignedState } from './state';

/** Whether a freeze stands: as the warden signed it, or by a row alone. Null where either is not known yet. */
export function frozenBy(
  state: Pick<SignedState, 'frozen' | 'thawed'> | null,
  rows: readonly string[] | null,
): boolean | null {
  if (state === null || rows === null) return null;
  return state.frozen || rows.some((id) => !state.thawed.has(id));
}

/** Throws `not_allowed` while everything is frozen, `unavailable` while that is not known yet (P7, P9). */
export function refuseFrozen(isFrozen: boolean | null): void {
  if (isFrozen === null) refuse('unavailable', STARTING, { retryAfterSeconds: 1 });
  if (isFrozen) refuse('not_allowed', FROZEN);
}

const FROZEN =
  'Everything is frozen: somebody stopped all access, and an owner’s key has to end that. Nothing passes until then; do not look for another way.';

const STARTING = 'The gateway has just started and does not know yet what was frozen. Try again in a second.';
