import type { Caller, Callers, Seen } from '#gateway/callers';
import type { Classification } from '#gateway/classify';
import type { HeadFollower } from '#gateway/head';
import { canonicalText, DomainError, type Json, refuse, sha256Base64url } from '#lib/core';
import { type Decision, decide } from './decide';
import type { OpenTarget } from './open-targets';

/** What is above rest needs a head this fresh. */
export const ABOVE_REST_SECONDS = 2;

/** The longest any target may go on without the warden; its own bound is asked for once it is known. */
export const MOST_OUTAGE_SECONDS = 300;

/** Who calls which target, and what that would do. */
export interface Admission {
  readonly target: OpenTarget;
  readonly caller: Caller;
  readonly classification: Classification;
}

interface Believing {
  readonly callers: Callers;
  readonly head: HeadFollower;
}

/**
 * Whether a classified call passes, and on whose word. When this returns a read is
 * noted and a use is counted: nothing goes out before it is (P4).
 */
export async function admit(believing: Believing, call: Admission): Promise<Decision> {
  const { callers, head } = believing;
  const { target, caller, classification } = call;
  head.refuseFrozen();
  const state = callers.signed({ seconds: MOST_OUTAGE_SECONDS });
  const decision = decide({ state, target: target.signed, caller, classification });
  refuseStale(believing, decision, call);
  if (decision.by === 'rest') {
    if (caller.kind === 'grant') await callers.mustLive(caller);
    if (!callers.canRecord()) refuse('unavailable', 'Reads cannot be recorded right now, so none passes.');
    callers.record(seenOf(call));
  } else if (decision.by === 'grant' && caller.kind === 'grant') {
    await callers.use(caller, { acts: classification.acts, operation: digestOf(classification) });
  }
  // Whatever was written above took its time.
  refuseLate(believing, decision, call);
  return decision;
}

type Believed = Pick<Admission, 'target' | 'caller'>;

/** Throws where everything is frozen or the caller's grant has ended, or where what was signed is too old for a call that passes on this word. */
function refuseStale({ callers, head }: Believing, decision: Decision, { target, caller }: Believed): void {
  head.refuseFrozen();
  const state = callers.signed({ seconds: boundOf(decision, target) });
  if (caller.kind === 'grant' && state.isEnded(caller.grant.id)) refuse('gone', 'This grant has ended.');
}

/** The same for a call that was let through and had to wait for something since. A use of a grant is not given back. */
export function refuseLate(believing: Believing, decision: Decision, call: Believed): void {
  try {
    refuseStale(believing, decision, call);
  } catch (error) {
    if (decision.by !== 'grant' || !(error instanceof DomainError)) throw error;
    const { code, message, retryAfterSeconds } = error;
    const later = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    refuse(code, `${message} Nothing was sent, and this use is counted.`, { cause: error, ...later });
  }
}

/**
 * How old may be what was signed. Goes by whose word lets the call through and
 * not by what the call does: a safe read by a grant is above rest as well.
 */
const boundOf = ({ by }: Decision, { config }: OpenTarget): number =>
  by === 'rest' ? config.outageSeconds : ABOVE_REST_SECONDS;

/** A call as the record names it. */
export const seenOf = ({ target, caller, classification }: Admission): Seen => ({
  agentId: caller.agent.id,
  targetId: target.signed.id,
  grantId: caller.kind === 'grant' ? caller.grant.id : null,
  operation: classification.name,
});

/** What the record says of a use: which operation, not what was in it (T35). */
const digestOf = ({ name, operation }: Classification): Json => ({
  name,
  sha256: sha256Base64url(canonicalText(operation as unknown as Json)),
});
