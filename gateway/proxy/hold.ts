import { RateLimiterMemory } from 'rate-limiter-flexible';
import { refuse } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { waiter } from '#lib/http/wire';
import type { AgentFacts } from '#lib/identity';
import { cancelRequest, FileRequest, fileRequest, isOpen } from '#lib/requests';
import type { collectGrant } from '#warden/issuer';
import type { OperationResult } from '#warden/targets';
import type { Warden } from '../../warden/context';

/** Calls one agent may hold open at a time. */
const MAX_HELD = 5;

/** Requests one agent may file this way in a minute: people's attention is what it would use up (T17). */
const FILINGS_PER_MINUTE = 10;

export interface Held {
  readonly agent: AgentFacts;
  /** As `POST /api/v1/requests` takes it. */
  readonly body: unknown;
  readonly seconds: number;
  /** The agent hung up. */
  readonly signal: AbortSignal;
}

export interface Holds {
  /**
   * Files the request, waits for people, runs the operation. Throws what the
   * agent is told: `not_allowed` where somebody said no or nobody said anything,
   * `unavailable` where the warden stops.
   */
  hold(held: Held): Promise<OperationResult>;
  /** Cancels every held call: they are answered 503. */
  stop(): Promise<void>;
}

/** Where a held request stands. */
interface Standing {
  readonly id: string;
  readonly state: string;
  readonly stateReason: string | null;
  readonly decidedBy: string | null;
  readonly grant: { readonly id: string; readonly state: string; readonly readyAt: Date } | null;
}

/** Runs what was approved, for the agent that waits for it. */
export type Collect = typeof collectGrant;

export function createHolds(warden: Warden, collect: Collect): Holds {
  const filings = new RateLimiterMemory({ points: FILINGS_PER_MINUTE, duration: 60 });
  const waiting = waiter(warden.listener, MAX_HELD);
  const stopping = new AbortController();
  const open = new Set<Promise<unknown>>();

  async function run({ agent, body, seconds, signal }: Held): Promise<OperationResult> {
    await refuseTooMany(filings, agent.id);
    const id = await file(warden, agent, body);
    const gone = AbortSignal.any([signal, stopping.signal]);
    try {
      const last = await waiting.wait(agent.id, {
        seconds,
        signal: gone,
        read: () => read(warden, id),
        about: () => [id],
        done: ({ state }) => !isOpen(state),
      });
      if (gone.aborted || isOpen(last.state) || last.grant === null)
        return await giveUp(warden, agent, last, stopping.signal.aborted);
      return await collected({ warden, collect }, agent, last.grant, gone);
    } catch (error) {
      await letGo(warden, agent.id, id, 'The held call ended.');
      throw error;
    }
  }

  return {
    hold(held) {
      if (stopping.signal.aborted) return refuse('unavailable', STOPPING);
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

async function refuseTooMany(filings: RateLimiterMemory, agentId: string): Promise<void> {
  await filings.consume(agentId).catch(() =>
    refuse('rate_limited', 'You held too many calls within a minute. People have to read each of them.', {
      retryAfterSeconds: 60,
    }),
  );
}

/** The request as the agent itself could have filed it, and no other. */
async function file(warden: Warden, agent: AgentFacts, body: unknown): Promise<string> {
  const parsed = FileRequest.safeParse(body);
  if (!parsed.success)
    return refuse('invalid_request', 'This call cannot be held: it is too large, or touches too many things at once.');
  const now = await databaseNow(warden.db);
  const { request } = await fileRequest(warden.db, { agent, body: parsed.data, idempotencyKey: null, now, held: true });
  return request.id;
}

async function read({ db }: Warden, id: string): Promise<Standing> {
  const request = await db.request.findUnique({
    where: { id },
    select: {
      id: true,
      state: true,
      stateReason: true,
      decidedBy: true,
      grant: { select: { id: true, state: true, readyAt: true } },
    },
  });
  return request ?? refuse('gone', 'The request of this call is gone.');
}

/** A person said yes: the warden runs it, after the cooldown where there is one. */
async function collected(
  { warden, collect }: { readonly warden: Warden; readonly collect: Collect },
  agent: AgentFacts,
  grant: NonNullable<Standing['grant']>,
  gone: AbortSignal,
): Promise<OperationResult> {
  await cooledDown(warden, grant.readyAt, gone);
  if (gone.aborted) refuse('unavailable', STOPPING);
  const done = await collect(warden, agent, grant.id, gone);
  return 'result' in done ? done.result : refuse('internal', 'The operation was not run.');
}

async function cooledDown(warden: Warden, readyAt: Date, gone: AbortSignal): Promise<void> {
  const milliseconds = readyAt.getTime() - (await databaseNow(warden.db)).getTime();
  if (milliseconds <= 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds + 50);
    gone.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const STOPPING = 'The gateway is being restarted. Nothing was run, and the request was cancelled. Send the call again.';

/** Nobody said yes: in time, or at all. */
async function giveUp(warden: Warden, agent: AgentFacts, last: Standing, stopping: boolean): Promise<never> {
  if (stopping) return refuse('unavailable', STOPPING, { retryAfterSeconds: 5 });
  if (isOpen(last.state)) {
    await letGo(warden, agent.id, last.id, 'Nobody decided while the call was held.');
    return refuse(
      'not_allowed',
      `Not run: nobody decided in time, and silence is no. Request ${last.id} was cancelled. Ask again only if it is still needed; to wait longer, file it yourself.`,
    );
  }
  const why = last.stateReason === null ? '' : ` ${last.stateReason}`;
  return refuse(
    'not_allowed',
    `Not run: request ${last.id} was ${last.state}.${why} This is an answer, not a fault: do not try it another way.`,
  );
}

/** Ten minutes of an outage; after that it is left to the next start. */
const LET_GO_TRIES = 120;
const LET_GO_MS = 5_000;

/**
 * The request of a call that is over, or the grant that came of it, is worth
 * nothing to anybody. Never throws. Where the database is away it goes on beside
 * everything else: nobody may approve in the meantime what nobody waits for.
 */
async function letGo(warden: Warden, agentId: string, id: string, reason: string, tries = LET_GO_TRIES): Promise<void> {
  try {
    await transact(warden.db, async (tx, now) => {
      const request = await tx.request.findUnique({ where: { id }, select: { state: true, grant: true } });
      if (request !== null && isOpen(request.state)) await cancelRequest(tx, now, { agentId, id, reason });
      if (request?.grant?.state === 'ready')
        await askForEnd(tx, now, request.grant.id, { reason: 'voided', by: 'warden' });
    });
  } catch (error) {
    warden.log.warn({ err: error, requestId: id }, 'a held request could not be cancelled yet');
    if (tries > 1) setTimeout(() => void letGo(warden, agentId, id, reason, tries - 1), LET_GO_MS).unref();
  }
}

/**
 * Cancels what an earlier process held: its callers are gone. A request younger
 * than this process, which has lived for `aliveMs`, is one it holds itself: the
 * database may answer this late, after calls were held. Rejects while it is away.
 */
export async function cancelHeld(warden: Warden, aliveMs: number): Promise<void> {
  const born = new Date((await databaseNow(warden.db)).getTime() - aliveMs);
  const held = await warden.db.request.findMany({
    where: {
      held: true,
      createdAt: { lt: born },
      OR: [{ state: { in: ['preparing', 'pending'] } }, { grant: { state: 'ready' } }],
    },
    select: { id: true, agentId: true },
  });
  for (const { id, agentId } of held)
    await letGo(warden, agentId, id, 'The gateway was restarted while the call was held.');
}
