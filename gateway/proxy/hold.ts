import type { Orders } from '#gateway/orders';
import { DomainError, digestOf, refuse } from '#lib/core';
import type { Statement } from '#lib/db';
import { FileRequest, fileRequest } from '#lib/filing';
import { waiter } from '#lib/http/wire';
import type { AgentFacts } from '#lib/identity';
import { type AskCoverage, coveredFields, type UpstreamResult } from '#lib/records';
import { isOpen } from '#lib/requests';
import type { Operation } from '#lib/targets';
import type { Gateway } from '../context';

/** Calls one agent may hold open at a time, at one copy. */
const MAX_HELD = 5;

export interface Held {
  readonly agent: AgentFacts;
  readonly targetId: string;
  /** What is on the line, word for word. */
  readonly operation: Operation;
  /** As `POST /api/v1/requests` takes it. */
  readonly body: unknown;
  readonly seconds: number;
  /** The agent hung up. */
  readonly signal: AbortSignal;
}

export interface Holds {
  /**
   * Files the request, or joins the one that the same call left, waits for
   * people, runs the operation. Throws what the agent is told:
   * `elevation_required` where nobody decided yet, `not_allowed` where somebody
   * said no, `unavailable` where the gateway stops.
   */
  hold(held: Held): Promise<UpstreamResult>;
  /** Answers every held call 503. Their requests stay open. */
  stop(): Promise<void>;
}

/** Where a held request stands. */
interface Progress {
  readonly id: string;
  readonly state: string;
  readonly stateReason: string | null;
  readonly grantId: string | null;
  readonly readyAt: Date | null;
}

export function createHolds(gateway: Gateway, orders: Orders): Holds {
  const waiting = waiter(gateway.listener, MAX_HELD);
  const stopping = new AbortController();
  const open = new Set<Promise<unknown>>();

  async function run({ agent, targetId, operation, body, seconds, signal }: Held): Promise<UpstreamResult> {
    const gone = AbortSignal.any([signal, stopping.signal]);
    const id = await joinOrFile(gateway, { agent, targetId, operation, body });
    const last = await waiting.wait(agent.id, {
      seconds,
      signal: gone,
      read: () => read(gateway, id),
      about: () => [id],
      done: ({ state }) => !isOpen(state),
    });
    if (gone.aborted || isOpen(last.state) || last.grantId === null)
      return refuseUndecided(last, { seconds, isStopping: stopping.signal.aborted });
    await cooledDown(gateway, last.readyAt, gone);
    if (gone.aborted) refuse('unavailable', STOPPING, { retryAfterSeconds: 5 });
    return orders.run({ grantId: last.grantId, operation, agent, gone });
  }

  return {
    hold(held) {
      if (stopping.signal.aborted) return refuse('unavailable', STOPPING, { retryAfterSeconds: 5 });
      const running = run(held);
      open.add(running);
      return running.finally(() => open.delete(running));
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled(open);
    },
  };
}

/** What tells one call from another: for how long it was asked does not. */
const TELLS_CALLS = {
  resources: true,
  verbs: true,
  operation: true,
  ttlSeconds: false,
  maxUses: false,
} as const satisfies AskCoverage;

interface Filing extends Pick<Held, 'agent' | 'targetId' | 'operation' | 'body'> {}

/** The request that the same agent's same call left, at whatever copy, or a new one. */
async function joinOrFile(gateway: Gateway, filing: Filing): Promise<string> {
  const parsed = FileRequest.safeParse(filing.body);
  if (!parsed.success)
    return refuse('invalid_request', 'This call cannot be held: it is too large, or touches too many things at once.');
  const { resources, verbs } = parsed.data;
  const { agent, targetId, operation } = filing;
  const heldDigest = digestOf({ targetId, ...coveredFields(TELLS_CALLS, { operation, resources, verbs }) });
  const left = await joinable(gateway, agent.id, heldDigest);
  if (left !== null) return left;
  try {
    return await file(gateway, agent, parsed.data, heldDigest);
  } catch (error) {
    // The same call a moment ago, here or at another copy, has filed it meanwhile.
    if (!(error instanceof DomainError) || error.code !== 'conflict') throw error;
    return (await joinable(gateway, agent.id, heldDigest)) ?? refuse('conflict', error.message);
  }
}

/** Undecided, or approved and not collected yet. */
const JOINABLE: Statement = {
  name: 'hold_joinable',
  text: `SELECT r.id FROM requests r LEFT JOIN grants g ON g.request_id = r.id
  WHERE r.agent_id = $1 AND r.held_digest = $2 AND r.held
    AND (r.state IN ('preparing', 'pending')
      OR (r.state = 'approved' AND g.state = 'ready' AND g.collect_by > clock_timestamp()))
  ORDER BY r.created_at DESC LIMIT 1`,
};

async function joinable({ hot }: Gateway, agentId: string, heldDigest: string): Promise<string | null> {
  const [row] = await hot.rows<{ id: string }>(JOINABLE, [agentId, heldDigest]);
  return row?.id ?? null;
}

/** The request as the agent itself could have filed it, and no other. */
async function file(gateway: Gateway, agent: AgentFacts, body: FileRequest, heldDigest: string): Promise<string> {
  const { db, head } = gateway;
  try {
    const filed = await fileRequest(db, { agent, body, idempotencyKey: null, now: head.now(), heldDigest });
    return filed.request.id;
  } catch (error) {
    if (isTooMany(error)) return refuse('rate_limited', TOO_MANY, { retryAfterSeconds: 60, cause: error });
    throw error;
  }
}

const TOO_MANY = 'Too many calls were held within a minute. People have to read each of them.';

/** What the database's trigger says of a gateway or an agent that files too many (T17). */
const isTooMany = (error: unknown): boolean =>
  error instanceof Error && !(error instanceof DomainError) && /held_calls_of_(?:agent|all)/.test(error.message);

const PROGRESS: Statement = {
  name: 'hold_progress',
  text: `SELECT r.id, r.state, r.state_reason AS "stateReason", g.id AS "grantId",
    g.ready_at AS "readyAt"
  FROM requests r LEFT JOIN grants g ON g.request_id = r.id WHERE r.id = $1`,
};

async function read({ hot }: Gateway, id: string): Promise<Progress> {
  const [row] = await hot.rows<Progress>(PROGRESS, [id]);
  return row ?? refuse('gone', 'The request of this call is gone.');
}

/** A person said yes: it runs after the cooldown, where there is one. */
async function cooledDown({ head }: Gateway, readyAt: Date | null, gone: AbortSignal): Promise<void> {
  const milliseconds = (readyAt?.getTime() ?? 0) - head.now().getTime();
  if (milliseconds <= 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds + 50);
    gone.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const STOPPING =
  'The gateway is being restarted. Nothing was run, and the request stays open. Send the same call again: it joins it.';

/** Nobody said yes: in time, or at all. */
function refuseUndecided(
  { id, state, stateReason }: Progress,
  { seconds, isStopping }: { readonly seconds: number; readonly isStopping: boolean },
): never {
  if (isStopping) refuse('unavailable', STOPPING, { retryAfterSeconds: 5 });
  if (isOpen(state))
    refuse(
      'elevation_required',
      `Not run: nobody has decided within ${seconds} s, and silence is no. Request ${id} stays open: send this same call again, with the same header, and it waits for the same decision. Do not file it a second time.`,
    );
  const why = stateReason === null ? '' : ` ${stateReason}`;
  return refuse(
    'not_allowed',
    `Not run: request ${id} was ${state}.${why} This is an answer, not a fault: do not try it another way.`,
  );
}
