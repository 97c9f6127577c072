import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Authority } from '#lib/authority';
import { DomainError, parseStrictJson, refuse } from '#lib/core';
import type { Grant, Order as OrderRow } from '#lib/db';
import { loop } from '#lib/process';
import {
  Order,
  type Order as OrderBody,
  OrderResult,
  openRecord,
  openSealed,
  resultContext,
  type SignedRecord,
} from '#lib/records';
import { outcomeOf, type Results, recordFailure, recordResult, retryEndNow, storedResult } from '#warden/issuer';
import type { UpstreamResult } from '#warden/targets';
import type { Warden } from '../context';

/** An agent that collects at the warden is answered within this time. */
const WAIT_SECONDS = 30;

/** Results whose notice was lost are found this often. */
const SWEEP_MS = 5_000;

/** Takes in what copies of the gateway tell of their orders: verified, recorded, handed to whoever waits. */
export function startResults(warden: Warden, { waitSeconds = WAIT_SECONDS } = {}): Results & { stop(): Promise<void> } {
  const { db, listener, log } = warden;
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const taking = new Map<string, Promise<void>>();

  async function takeAndTell(orderId: string): Promise<void> {
    const taken = await takeResult(warden, orderId);
    if (taken === null) return;
    waiting.get(orderId)?.(taken.outcome);
    if (taken.grantId !== null) await retryEndNow(warden, taken.grantId);
  }

  function take(orderId: string): Promise<void> {
    const known = taking.get(orderId);
    if (known !== undefined) return known;
    const work = takeAndTell(orderId).finally(() => taking.delete(orderId));
    taking.set(orderId, work);
    return work;
  }

  const waits = (error: unknown): void => log.warn({ err: error }, 'a result waits for the next sweep');
  const sweeps = loop(
    async () => {
      // One that cannot be taken keeps none of the others waiting.
      for (const { orderId } of await untaken(warden)) await take(orderId).catch(waits);
      return SWEEP_MS;
    },
    { onError: (error) => log.warn({ err: error }, 'results of orders wait for the database') },
  );
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null) sweeps.wake();
    else if (notice.table === 'order_results') take(notice.id).catch(waits);
  });

  return {
    async of(orderId) {
      let timer: NodeJS.Timeout | undefined;
      const told = new Promise<Outcome>((resolve) => {
        waiting.set(orderId, resolve);
        timer = setTimeout(
          () => resolve({ error: new DomainError('unavailable', late(waitSeconds)) }),
          waitSeconds * 1_000,
        );
      });
      try {
        // It may have come between the order and this.
        if ((await db.orderResult.count({ where: { orderId } })) > 0) await take(orderId);
        const outcome = await told;
        if ('error' in outcome) throw outcome.error;
        return outcome.result;
      } finally {
        clearTimeout(timer);
        waiting.delete(orderId);
      }
    },
    async stop() {
      unsubscribe();
      await sweeps.stop();
      await Promise.allSettled(taking.values());
    },
  };
}

const late = (seconds: number): string =>
  `The operation was ordered and has not answered within ${seconds} s. Do not repeat it: GET the grant, which will say what came of it.`;

type Outcome = { readonly result: UpstreamResult } | { readonly error: DomainError };

const untaken = ({ db }: Warden): Promise<Array<{ orderId: string }>> =>
  db.$queryRaw`
    SELECT r.order_id AS "orderId" FROM order_results r JOIN grants g ON g.id = r.grant_id
    WHERE g.state IN ('active', 'ending') AND g.uses = 0 AND g.result IS NULL`;

/**
 * Takes what a copy left of an order. An order has one result and no second: one
 * that the ordered copy did not sign, or that cannot be read, is an alarm, and all
 * that will ever be known. Null while there is none.
 */
async function takeResult(warden: Warden, orderId: string): Promise<Taken | null> {
  const { db, alarms } = warden;
  const [row, said, authority] = await Promise.all([
    db.order.findUnique({ where: { id: orderId } }),
    db.orderResult.findUnique({ where: { orderId } }),
    warden.authority.current(db),
  ]);
  if (said === null) return null;
  const order = row === null ? null : orderIn(warden, row);
  const evidence = order === null ? null : await evidenceOf(warden, authority, order);
  const outcome = order === null || evidence === null ? null : await outcomeOfOrder(warden, order, evidence.key, said);
  if (outcome === null) alarms.raise('tampering', `What came of order ${orderId} ${UNTRUE}`);
  const known = outcome ?? { error: new DomainError('unavailable', UNREADABLE) };
  if (order === null || evidence === null) return { outcome: known, grantId: null };
  await record(warden, { ...evidence, authority, order }, known);
  return { outcome: known, grantId: order.grantId };
}

interface Taken {
  readonly outcome: Outcome;
  /** Null where it is not known whose it was. */
  readonly grantId: string | null;
}

/** The grant that was ordered for, and the key of the copy that it was ordered of; no key where nobody certified it. */
async function evidenceOf({ db, gateways }: Warden, authority: Authority, order: OrderBody): Promise<Evidence> {
  const [grant, instance] = await Promise.all([
    db.grant.findUniqueOrThrow({ where: { id: order.grantId } }),
    db.gatewayInstance.findUnique({ where: { id: order.instanceId } }),
  ]);
  return { grant, key: instance === null ? null : gateways.instanceKey(authority, instance) };
}

interface Evidence {
  readonly grant: Grant;
  readonly key: KeyObject | null;
}

const UNTRUE =
  'is not what its copy of the gateway signed, or cannot be read. It is not recorded: see who changed what.';

const UNREADABLE =
  'What came of the operation cannot be told: the gateway’s answer cannot be read. Look at the target before you ask again.';

/** Null where the ordered copy did not sign it, or signed what cannot be read. */
async function outcomeOfOrder(
  warden: Warden,
  order: OrderBody,
  key: KeyObject | null,
  said: SignedRecord,
): Promise<Outcome | null> {
  const result = key === null ? null : openRecord(key, 'result', OrderResult, said);
  if (result?.orderId !== order.id || result.grantId !== order.grantId) return null;
  return outcomeIn(warden, result).catch(() => null);
}

function orderIn({ vault }: Warden, row: OrderRow): OrderBody | null {
  const body = openRecord(createPublicKey(vault.signingKey), 'order', Order, row);
  return body?.id === row.id && body.verdict.kind === 'run' ? body : null;
}

const Answer = z.strictObject({
  status: z.int().min(100).max(599),
  contentType: z.string(),
  body: z.string(),
  truncated: z.boolean(),
});

async function outcomeIn({ vault }: Warden, { orderId, outcome }: OrderResult): Promise<Outcome> {
  if (outcome.kind === 'failed') return { error: new DomainError(outcome.code, outcome.message) };
  const text = await openSealed(vault.signingKey, resultContext(orderId), outcome.sealed);
  return { result: Answer.parse(parseStrictJson(text, text.length)) };
}

/** The grant's row gets the result as it may be stored; the agent that waits gets all of it. */
async function record(
  warden: Warden,
  { authority, grant, order: { verdict } }: Pick<Evidence, 'grant'> & { authority: Authority; order: OrderBody },
  outcome: Outcome,
): Promise<void> {
  if ('error' in outcome) return recordFailure(warden, grant.id, outcome.error.message);
  if (verdict.kind !== 'run') return refuse('internal', 'An order that said no has no result.');
  const signed = authority.targets.get(verdict.targetId);
  const stored =
    signed === undefined ? { ...outcome.result, body: '' } : storedResult(signed.config, verdict, outcome.result);
  await recordResult(warden, grant, { stored, outcome: outcomeOf(outcome.result) });
}
