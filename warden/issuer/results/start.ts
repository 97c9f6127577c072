import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { DomainError, parseStrictJson, refuse } from '#lib/core';
import type { Order as OrderRow } from '#lib/db';
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
import type { UpstreamResult } from '#warden/targets';
import type { Warden } from '../../context';
import { outcomeOf, recordFailure, recordResult, retryEndNow } from './record';
import { storedResult } from './stored';

/** An agent that collects at the warden is answered within this time. */
const WAIT_SECONDS = 30;

/** Results whose notice was lost are found this often. */
const SWEEP_MS = 5_000;

/** What copies of the gateway tell of their orders. */
export interface Results {
  /** What came of an order. Throws what the agent is told where there is no result, or none in time. */
  of(orderId: string): Promise<UpstreamResult>;
  stop(): Promise<void>;
}

/** Takes in what copies of the gateway tell of their orders: verified, recorded, handed to whoever waits. */
export function startResults(warden: Warden, { waitSeconds = WAIT_SECONDS } = {}): Results {
  const { db, listener, log } = warden;
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const taking = new Map<string, Promise<void>>();

  function take(orderId: string): Promise<void> {
    const known = taking.get(orderId);
    if (known !== undefined) return known;
    const work = takeResult(warden, orderId)
      .then((outcome) => outcome !== null && waiting.get(orderId)?.(outcome))
      .then(() => undefined)
      .finally(() => taking.delete(orderId));
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
async function takeResult(warden: Warden, orderId: string): Promise<Outcome | null> {
  const { db, alarms } = warden;
  const [row, said] = await Promise.all([
    db.order.findUnique({ where: { id: orderId } }),
    db.orderResult.findUnique({ where: { orderId } }),
  ]);
  if (said === null) return null;
  const order = row === null ? null : orderIn(warden, row);
  const outcome = order === null ? null : await outcomeOfOrder(warden, order, said);
  if (outcome === null) alarms.raise('tampering', `What came of order ${orderId} ${UNTRUE}`);
  const known = outcome ?? { error: new DomainError('unavailable', UNREADABLE) };
  if (order !== null) await record(warden, order, known);
  return known;
}

const UNTRUE =
  'is not what its copy of the gateway signed, or cannot be read. It is not recorded: see who changed what.';

const UNREADABLE =
  'What came of the operation cannot be told: the gateway’s answer cannot be read. Look at the target before you ask again.';

/** Null where the ordered copy did not sign it, or signed what cannot be read. */
async function outcomeOfOrder(warden: Warden, order: OrderBody, said: SignedRecord): Promise<Outcome | null> {
  const key = await keyOf(warden, order.instanceId);
  const result = key === null ? null : openRecord(key, 'result', OrderResult, said);
  if (result?.orderId !== order.id || result.grantId !== order.grantId) return null;
  return outcomeIn(warden, result).catch(() => null);
}

function orderIn({ vault }: Warden, row: OrderRow): OrderBody | null {
  const body = openRecord(createPublicKey(vault.signingKey), 'order', Order, row);
  return body?.id === row.id && body.verdict.kind === 'run' ? body : null;
}

async function keyOf({ db, authority, gateways }: Warden, instanceId: string): Promise<KeyObject | null> {
  const row = await db.gatewayInstance.findUnique({ where: { id: instanceId } });
  return row === null ? null : gateways.instanceKey(await authority.current(db), row);
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
async function record(warden: Warden, { grantId, verdict }: OrderBody, outcome: Outcome): Promise<void> {
  const grant = await warden.db.grant.findUniqueOrThrow({ where: { id: grantId } });
  if ('error' in outcome) await recordFailure(warden, grantId, outcome.error.message);
  else {
    if (verdict.kind !== 'run') return refuse('internal', 'An order that said no has no result.');
    const signed = (await warden.authority.current(warden.db)).targets.get(verdict.targetId);
    const stored =
      signed === undefined ? { ...outcome.result, body: '' } : storedResult(signed.config, verdict, outcome.result);
    await recordResult(warden, grant, { stored, outcome: outcomeOf(outcome.result) });
  }
  await retryEndNow(warden, grantId);
}
