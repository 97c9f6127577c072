import type { Caller } from '#gateway/callers';
import type { Classification } from '#gateway/classify';
import type { SignedState, SignedUpstream } from '#gateway/head';
import { restKey } from '#lib/authority';
import { sameAgent } from '#lib/identity';
import { type Act, scopeCovers } from '#lib/profiles';

/** What may happen to a classified call. `no` names what nobody has allowed. */
export type Decision =
  | { readonly by: 'rest' }
  | { readonly by: 'grant' }
  | { readonly by: 'nobody'; readonly why: 'above_rest' | 'no_rest' | 'outside_grant'; readonly acts: readonly Act[] };

/**
 * Whether a call passes, and on whose word. Pure: what is signed, the caller and
 * the classification in, one of three answers out. At rest only `safe` passes, and
 * only where an owner's key let this very agent read here.
 */
export function decide(input: {
  readonly state: Pick<SignedState, 'rests'>;
  readonly target: Pick<SignedUpstream, 'id'>;
  readonly caller: Caller;
  readonly classification: Classification;
}): Decision {
  const { state, target, caller, classification } = input;
  const rests = mayRest(state, target, caller);
  if (rests && classification.class === 'safe') return { by: 'rest' };
  const open = classification.acts.filter((act) => !(rests && act.class === 'safe'));
  if (caller.kind === 'agent') {
    const why = classification.class === 'safe' ? 'no_rest' : 'above_rest';
    return { by: 'nobody', why, acts: open };
  }
  const { grant } = caller;
  const outside = grant.targetId === target.id ? open.filter((act) => !scopeCovers(grant.scope, act)) : open;
  return outside.length === 0 ? { by: 'grant' } : { by: 'nobody', why: 'outside_grant', acts: outside };
}

/** The allowance is for the agent as it is signed now: the warden spells it with the token and the key that count. */
export function mayRest(
  { rests }: Pick<SignedState, 'rests'>,
  target: Pick<SignedUpstream, 'id'>,
  { agent }: Caller,
): boolean {
  const rest = rests.get(restKey(agent.id, target.id));
  return rest !== undefined && sameAgent({ ...rest, id: rest.agentId }, agent);
}
