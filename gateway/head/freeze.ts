import { refuse } from '#lib/core';

/** Throws `not_allowed` while everything is frozen, `unavailable` while that is not known yet (P7, P9). */
export function refuseFrozen(isFrozen: boolean | null): void {
  if (isFrozen === null) refuse('unavailable', STARTING, { retryAfterSeconds: 1 });
  if (isFrozen) refuse('not_allowed', FROZEN);
}

const FROZEN =
  'Everything is frozen: somebody stopped all access, and an owner’s key has to end that. Nothing passes until then; do not look for another way.';

const STARTING = 'The gateway has just started and does not know yet what was frozen. Try again in a second.';
