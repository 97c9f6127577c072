import type { SignedUpstream } from '#gateway/head';
import { type Finding, openTarget } from '#gateway/providers';
import { DomainError, inFull, isFinal, isOfAsk, refuse } from '#lib/core';
import type { Statement } from '#lib/db';
import { dangerOfActs, requirementsOf } from '#lib/policy';
import { withTimeout } from '#lib/process';
import { profileHash } from '#lib/profiles';
import { askDigest, type Look } from '#lib/records';
import { askOf } from '#lib/requests';
import { type Ask, checkAsk } from '#lib/targets';
import type { Gateway } from '../context';
import { recordLook } from './record';

/** A request that waits to be looked at, as its row says. */
export interface Filed {
  readonly id: string;
  readonly agent_id: string;
  readonly target_id: string;
  readonly resources: string[];
  readonly verbs: string[];
  readonly ttl_seconds: number;
  readonly max_uses: number | null;
  readonly operation: unknown;
}

const WAITING: Statement = {
  name: 'looks_waiting',
  text: `SELECT r.id, r.agent_id, r.target_id, r.resources, r.verbs, r.ttl_seconds, r.max_uses, r.operation
  FROM requests r JOIN targets t ON t.id = r.target_id
  WHERE r.state = 'preparing' AND t.kind IN ('graphql', 'http') AND r.id <> ALL ($1)
    AND NOT EXISTS (SELECT FROM looks WHERE kind = 'request' AND subject_id = r.id)
  ORDER BY r.created_at LIMIT 200`,
};

/** Requests at providers without a look, except those in flight here. */
export const waitingRequests = ({ hot }: Gateway, inFlight: readonly string[]): Promise<Filed[]> =>
  hot.rows<Filed>(WAITING, [inFlight]);

const STILL_WAITING: Statement = {
  name: 'looks_still_waiting',
  text: `SELECT id FROM requests r WHERE id = $1 AND state = 'preparing'
    AND NOT EXISTS (SELECT FROM looks WHERE kind = 'request' AND subject_id = r.id)`,
};

/** A look must not hang for ever; a provider that takes longer is away. */
const PATIENCE_SECONDS = 60;

/** What was signed has to be this fresh: a look is of the target as it is now. */
const FRESH_SECONDS = 2;

/** Runs work when it is its agent's turn at the target. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Finds out what a request would do and leaves it, signed; what cannot be asked as
 * it stands is a refusal, at once and out of turn, so that neither it nor its time
 * says what looking found (P1). Throws `target_unreachable`, `minting_stopped`,
 * `unavailable` or a database's error where it is only too early to say.
 */
export async function lookAtRequest(gateway: Gateway, filed: Filed, inTurn: InTurn): Promise<void> {
  const isWaiting = async () => (await gateway.hot.rows(STILL_WAITING, [filed.id])).length === 1;
  // Another copy may have looked between the list and the lock.
  if (!(await isWaiting())) return;
  const { about, target, ask } = whatIsAsked(gateway, filed);
  const outcome = await refusalOf(gateway, target, ask);
  if (outcome !== null) return recordLook(gateway, { ...about, outcome });
  await inTurn(async () => {
    if (await isWaiting()) await look(gateway, filed);
  });
}

async function look(gateway: Gateway, filed: Filed): Promise<void> {
  // Waiting took its time: by the target as it is signed now.
  const { about, target, ask } = whatIsAsked(gateway, filed);
  await recordLook(gateway, { ...about, outcome: await outcomeOf(gateway, target, ask) });
}

/** What keeps it from being found out is for people to see, and no word of it for the agent (P1). */
async function outcomeOf(gateway: Gateway, target: SignedUpstream, ask: Ask): Promise<Look['outcome']> {
  try {
    const { provider } = await openTarget(gateway, target);
    return found(target, ask, await withTimeout(PATIENCE_SECONDS, provider.look(ask)));
  } catch (error) {
    if (!(error instanceof DomainError) || !isFinal(error)) throw error;
    return { kind: 'blocked', reason: inFull(error) };
  }
}

function whatIsAsked(gateway: Gateway, filed: Filed) {
  const target = activeTarget(gateway, filed.target_id);
  const at = gateway.head.now().toISOString();
  const ask = askIn(filed);
  const about = {
    requestId: filed.id,
    ask: askDigest(filed.id, filed.agent_id, filed.target_id, ask),
    targetChainHash: target.chainHash,
    profileHash: profileHash(target.config.profile),
    at,
  };
  return { about, target, ask };
}

/** Not known yet is not refused: it may have been signed a moment ago. */
function activeTarget({ head }: Gateway, id: string): SignedUpstream {
  const state = head.state();
  if (state === null || head.ageSeconds() > FRESH_SECONDS)
    return refuse('unavailable', 'What was signed is not known right now.');
  return state.targets.get(id) ?? refuse('unavailable', 'The target is not among those that were signed.');
}

/** Why it is refused as it stands, by its words and what was signed of the target: nobody is asked anything. Null where that takes a look. */
async function refusalOf(gateway: Gateway, target: SignedUpstream, ask: Ask): Promise<Look['outcome'] | null> {
  try {
    if (!target.active) refuse('invalid_request', 'There is no such target any more.');
    checkAsk(target.config, ask);
    const { provider } = await openTarget(gateway, target);
    provider.check(ask);
    return null;
  } catch (error) {
    if (!(error instanceof DomainError) || !isFinal(error)) throw error;
    return isOfAsk(error) ? { kind: 'refused', reason: inFull(error) } : null;
  }
}

function found(target: SignedUpstream, ask: Ask, { operation, acts, preview }: Finding): Look['outcome'] {
  const danger = Math.max(requirementsOf(target.config, ask, preview).danger, dangerOfActs(acts));
  return { kind: 'found', operation, acts: [...acts], danger, preview };
}

function askIn({ resources, verbs, ttl_seconds: ttlSeconds, max_uses: maxUses, operation }: Filed): Ask {
  try {
    return askOf({ resources, verbs, ttlSeconds, maxUses, operation: operation as never });
  } catch (cause) {
    // The row is not what was filed: nothing can be said of an ask that cannot be read.
    return refuse('internal', 'The stored request cannot be read.', { cause });
  }
}
