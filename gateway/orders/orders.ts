import { randomUUID } from 'node:crypto';
import { DomainError, digestOf, type ErrorCode, refuse } from '#lib/core';
import type { Statement } from '#lib/db';
import type { AgentFacts } from '#lib/identity';
import { loop } from '#lib/process';
import type { Order, UpstreamResult } from '#lib/records';
import type { Operation } from '#lib/targets';
import type { Gateway } from '../context';
import { answerTo, openOrders } from './read';
import { recordResult } from './result';
import { type RunVerdict, runOrder } from './run';

/** How long the warden may take to answer a wish. */
const ANSWER_SECONDS = 30;

/** A notice may be lost with its connection. */
const REREAD_MS = 500;

/** How often orders are looked for that no notice told of. */
const REST_MS = 1_000;

/** An agent is on the line with just this operation, and a person has approved it. */
export interface WantedOrder {
  readonly grantId: string;
  readonly operation: Operation;
  readonly agent: AgentFacts;
  /** Nobody waits for the answer any more. */
  readonly gone: AbortSignal;
}

export interface Orders {
  /** Has the warden order the operation, and runs it, once. Throws what the agent is told. */
  run(wish: WantedOrder): Promise<UpstreamResult>;
  stop(): Promise<void>;
}

const WANT: Statement = {
  name: 'orders_want',
  text: `INSERT INTO orders_wanted (id, grant_id, operation_digest, instance_id, agent_id, token_hash, key_thumbprint)
    VALUES ($1, $2, $3, $4, $5, $6, $7)`,
};

/** Runs what the warden orders of this copy: for a call on the line, and for agents that collect at the warden. */
export function startOrders(gateway: Gateway): Orders {
  const { listener, log } = gateway;
  /** Wishes whose callers are here: their orders are theirs to run. */
  const wished = new Set<string>();
  const running = new Map<string, Promise<unknown>>();

  /** One run of one order: whoever asks for it again has the same. */
  function begin<T>(id: string, work: () => Promise<T>): Promise<T> {
    const run = work().finally(() => running.delete(id));
    running.set(id, run);
    return run;
  }

  async function takeOpen(): Promise<number> {
    for (const order of await openOrders(gateway)) {
      const isWaitedFor = order.wantedId !== null && wished.has(order.wantedId);
      if (isWaitedFor || running.has(order.id)) continue;
      begin(order.id, () => settle(gateway, order)).catch((error: unknown) =>
        log.warn({ err: error, orderId: order.id }, 'an order did not run to its end'),
      );
    }
    return REST_MS;
  }

  const rounds = loop(takeOpen, { onError: (error) => log.warn({ err: error }, 'orders wait for the database') });
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null || notice.table === 'orders') rounds.wake();
  });
  return {
    async run(wish) {
      const wantedId = `owt_${randomUUID()}`;
      wished.add(wantedId);
      try {
        const order = await wanted(gateway, wish, wantedId);
        return await begin(order.id, () => runWished(gateway, order, wish));
      } finally {
        wished.delete(wantedId);
      }
    },
    async stop() {
      unsubscribe();
      await rounds.stop();
      await Promise.allSettled(running.values());
    },
  };
}

/** Says who is on the line with what, and waits for the warden's word. */
async function wanted(gateway: Gateway, wish: WantedOrder, wantedId: string): Promise<Order> {
  const { hot, vault } = gateway;
  const { grantId, agent, operation } = wish;
  const values = [grantId, digestOf(operation), vault.instance.id, agent.id, agent.tokenHash, agent.keyThumbprint];
  await hot.rows(WANT, [wantedId, ...values]);
  return (await answered(gateway, wish, wantedId)) ?? refuse('unavailable', SILENT, { retryAfterSeconds: 5 });
}

const SILENT =
  'Not run: the warden does not answer right now. The approval stands: send the same call again shortly, and it joins it.';

async function answered(gateway: Gateway, { gone }: WantedOrder, wantedId: string): Promise<Order | null> {
  const until = performance.now() + ANSWER_SECONDS * 1_000;
  let wake: () => void = () => undefined;
  let told = false;
  const unsubscribe = gateway.listener.onNotice((notice) => {
    if (notice !== null && notice.table !== 'orders') return;
    told = true;
    wake();
  });
  try {
    while (performance.now() < until && !gone.aborted) {
      told = false;
      const order = await answerTo(gateway, wantedId);
      if (order !== null) return order;
      if (!told)
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, REREAD_MS);
        });
    }
    return null;
  } finally {
    unsubscribe();
  }
}

/** The order for a call that is on the line. */
async function runWished(
  gateway: Gateway,
  order: Order,
  { grantId, operation, gone }: WantedOrder,
): Promise<UpstreamResult> {
  const { verdict } = order;
  if (verdict.kind === 'refused') throw new DomainError(verdict.code, verdict.message);
  // What runs is what is on the line, and nothing else that the same approval might be said to be for.
  if (order.grantId !== grantId || verdict.operationDigest !== digestOf(operation)) {
    await recordResult(gateway, order, { kind: 'failed', sent: false, code: 'statement_refused', message: OTHER });
    return refuse('statement_refused', OTHER);
  }
  return runOrder(gateway, order, { verdict, gone });
}

const OTHER = 'Not run, and nothing was sent: the order is for another operation than the call.';

/** An order nobody here waits for: run where the agent collects at the warden, else answered for. */
async function settle(gateway: Gateway, order: Order): Promise<void> {
  const { verdict, wantedId } = order;
  if (verdict.kind !== 'run') return;
  const lost = lostOf(gateway, order);
  if (lost !== null) return recordResult(gateway, order, { kind: 'failed', ...lost });
  if (wantedId === null) await runAlone(gateway, order, verdict);
}

async function runAlone(gateway: Gateway, order: Order, verdict: RunVerdict): Promise<void> {
  await runOrder(gateway, order, { verdict, gone: null });
}

/** Why an order is not run: it was begun before a restart, or its caller is gone. Null where it is to be run. */
function lostOf(
  { vault }: Gateway,
  { id, wantedId }: Order,
): { sent: boolean; code: ErrorCode; message: string } | null {
  if (vault.instance.begun.has(id)) return { sent: true, code: 'unavailable', message: CUT_OFF };
  return wantedId === null ? null : { sent: false, code: 'unavailable', message: HUNG_UP };
}

const CUT_OFF =
  'The gateway was restarted while it ran this operation, so it is not known whether it was sent: look at the target before you ask again.';

const HUNG_UP = 'Not run, and nothing was sent: the call that was held for it is over.';
