import type { HeadFollower, SignedState, SignedUpstream } from '#gateway/head';
import { openTarget } from '#gateway/providers';
import { nothingWasSent } from '#gateway/resolve';
import { DomainError, digestOf, refuse } from '#lib/core';
import type { Statement } from '#lib/db';
import { recordWhatRan } from '#lib/process';
import { type Order, type OrderResult, resultContext, sealTo, type UpstreamResult } from '#lib/records';
import type { Gateway } from '../context';
import { recordResult } from './result';

/** What the order says to run. */
export type RunVerdict = Extract<Order['verdict'], { kind: 'run' }>;

/** What was signed has to be this fresh. */
const FRESH_SECONDS = 2;

/** How long a head that is late is waited for: a refusal costs people their approval. */
const LATE_HEAD_MS = 10_000;

/**
 * Runs an order, once: journaled before a byte goes out, looked at again, and
 * sent only where nobody took it back meanwhile. What came of it is left for the
 * warden, signed, before anybody is told. `gone` is aborted when nobody waits
 * for the answer any more; null where nobody ever did.
 */
export async function runOrder(
  gateway: Gateway,
  order: Order,
  { verdict, gone }: { readonly verdict: RunVerdict; readonly gone: AbortSignal | null },
): Promise<UpstreamResult> {
  await freshHead(gateway);
  const isFirst = gateway.vault.instance.begun.begin(order.id);
  if (!isFirst) return refuse('already_decided', 'This order was begun before. It is run once.');
  let begun = false;
  try {
    const target = refuseStale(gateway, order, verdict);
    const { provider } = await openTarget(gateway, target);
    const { resources, verbs, ttlSeconds, maxUses, operation, preview } = verdict;
    const result = await provider.execute({
      ask: { resources, verbs, ttlSeconds, maxUses, operation },
      preview,
      async beforeSend() {
        await recheck(gateway, order, gone);
        begun = true;
      },
    });
    await recordWhatRan(async () => recordResult(gateway, order, await ran(gateway, order, result)));
    return result;
  } catch (error) {
    const known = asDomainError(error);
    const sent = begun && !nothingWasSent(known);
    await recordWhatRan(() => recordResult(gateway, order, failed(known, sent))).catch((cause: unknown) =>
      gateway.log.error({ err: cause, orderId: order.id }, 'what came of an order could not be recorded'),
    );
    throw known;
  }
}

/** Until what was signed is fresh, or has been late for too long: whoever goes on asks which it is. */
const freshHead = ({ head }: Gateway): Promise<boolean> =>
  head.until(() => head.ageSeconds() <= FRESH_SECONDS, LATE_HEAD_MS);

/** Throws where the order is not for the operation it names, or the target is not the one that was signed. */
function refuseStale({ head }: Gateway, order: Order, verdict: RunVerdict): SignedUpstream {
  if (digestOf(verdict.operation) !== verdict.operationDigest)
    refuse('statement_refused', `${NOT_RUN} the order names another operation than it holds.`);
  refuseLate(head, order);
  const target = freshState(head).targets.get(verdict.targetId);
  if (target?.active !== true || target.chainHash !== verdict.targetChainHash)
    return refuse('conflict', `${NOT_RUN} the target was changed since the approval. File the request again.`);
  return target;
}

/** An order is good for thirty seconds, as the warden wrote into it. */
function refuseLate(head: HeadFollower, { expiresAt }: Order): void {
  if (head.now().getTime() >= Date.parse(expiresAt))
    refuse('gone', `${NOT_RUN} the order came too late. File a new request.`);
}

/** What was signed, known to be fresh. Throws `unavailable`. */
function freshState(head: HeadFollower): SignedState {
  const state = head.state();
  if (state === null || head.ageSeconds() > FRESH_SECONDS)
    return refuse('unavailable', `${NOT_RUN} what was signed is not known right now.`, { retryAfterSeconds: 2 });
  return state;
}

const LIVE: Statement = {
  name: 'orders_live',
  text: `SELECT 1 FROM grants WHERE id = $1 AND state = 'active' AND expires_at > clock_timestamp()`,
};

/**
 * The last look before an operation goes out: looking at the target took its
 * time, and saying no must count until the very end (P9). Throws where somebody
 * revoked or froze, where the time is over, or where a held call's agent hung up.
 * Both questions to the database come first, so that no answer ages while another
 * is waited for.
 */
async function recheck(gateway: Gateway, order: Order, gone: AbortSignal | null): Promise<void> {
  const { head, hot } = gateway;
  const { grantId } = order;
  await freshHead(gateway);
  await head.read();
  const isLive = (await hot.rows(LIVE, [grantId])).length === 1;
  refuseLate(head, order);
  const state = freshState(head);
  if (head.isFrozen() !== false)
    refuse('not_allowed', `${NOT_RUN} somebody froze everything, and an owner’s key has to end that.`);
  if (!isLive || state.isEnded(grantId))
    refuse('gone', `${NOT_RUN} this grant was ended, or its time is over. File a new request.`);
  if (gone?.aborted === true) refuse('unavailable', `${NOT_RUN} the call that was held for it is over.`);
}

const NOT_RUN = 'Not run, and nothing was sent:';

async function ran({ vault }: Gateway, order: Order, result: UpstreamResult): Promise<OrderResult['outcome']> {
  const { status, contentType, body, truncated } = result;
  const text = JSON.stringify({ status, contentType, body, truncated } satisfies UpstreamResult);
  const sealed = await sealTo(vault.wardenPublicKey, resultContext(order.id), text);
  return { kind: 'ran', status, sizeBytes: Buffer.byteLength(body), sealed };
}

const failed = ({ code, message }: DomainError, sent: boolean): OrderResult['outcome'] => ({
  kind: 'failed',
  sent,
  code,
  message,
});

const asDomainError = (error: unknown): DomainError =>
  error instanceof DomainError
    ? error
    : new DomainError('unavailable', 'The operation did not finish. See the grant for what is known.', {
        cause: error,
      });
