import { eventRow } from '#lib/audit';
import { addSeconds, canonicalText, type Json, newId, refuse, sha256Base64url } from '#lib/core';
import type { Agent, Db, Request } from '#lib/db';
import { requirementsOf } from '#lib/policy';
import { type RequestWithContext, subjectOf } from '#lib/requests';
import { type Ask, checkAsk, TargetConfig } from '#lib/targets';
import type { FileRequest } from './schema';
import { findAskable, findByKey, findSameOpen, insertRequest } from './store';

/** How many undecided requests an agent may have; 0: no limit. More would use up people's attention (T17). */
export const MAX_OPEN_REQUESTS = 20;

export interface Filing {
  readonly agent: Pick<Agent, 'id'>;
  readonly body: FileRequest;
  /** A second filing under the same key and with the same body gets the first one's answer. */
  readonly idempotencyKey: string | null;
  readonly now: Date;
  readonly maxOpenRequests?: number | undefined;
  /** Who files for the agent; left out: the agent itself. */
  readonly actor?: string;
  /** By the gateway, for a call it holds: the digest of what was classified, by which the same call finds this request again. */
  readonly heldDigest?: string;
}

export interface Filed {
  readonly request: RequestWithContext;
  /** The request was filed before, under the same idempotency key. */
  readonly replayed: boolean;
}

/**
 * Files a request. It checks everything but the body's shape, which the caller
 * has parsed. Unique indexes decide what two filings race for: the idempotency
 * key, and the same ask still open.
 */
export async function fileRequest(db: Db, filing: Filing): Promise<Filed> {
  const { agent, body, now, maxOpenRequests = MAX_OPEN_REQUESTS } = filing;
  const target = await findAskable(db, agent.id, { name: body.target, most: maxOpenRequests });
  if (target === null) return (await replay(db, filing)) ?? unknownTarget(body);
  const config = TargetConfig.parse(target.config);
  checkAsk(config, askIn(body));
  if (maxOpenRequests > 0 && target.open >= maxOpenRequests)
    return (await replay(db, filing)) ?? tooManyOpen(maxOpenRequests);
  const { danger, decideWithinSeconds } = requirementsOf(config, body);
  const request = newRequest(filing, { targetId: target.id, danger, decideBy: addSeconds(now, decideWithinSeconds) });
  if (await insertRequest(db, request, filedEvent(request, body, filing.actor))) {
    return {
      request: { ...request, target: { name: body.target, config: config as Request['operation'] }, grant: null },
      replayed: false,
    };
  }
  return (await replay(db, filing)) ?? sameOpen(db, request);
}

/** What a filing asks for. */
const askIn = (body: FileRequest): Ask => ({
  resources: body.resources,
  verbs: body.verbs,
  ttlSeconds: body.ttlSeconds,
  maxUses: body.maxUses ?? null,
  operation: body.operation ?? null,
});

function newRequest(filing: Filing, derived: Pick<Request, 'targetId' | 'danger' | 'decideBy'>): Request {
  const { agent, body, idempotencyKey, now } = filing;
  const { target: _name, operation, ...asked } = body;
  return {
    ...asked,
    ...derived,
    id: newId('req'),
    agentId: agent.id,
    operation: (operation ?? null) as Request['operation'],
    maxUses: body.maxUses ?? null,
    ticketUrl: body.ticketUrl ?? null,
    state: 'preparing',
    stateReason: null,
    preview: null,
    previewSeal: null,
    held: filing.heldDigest !== undefined,
    heldDigest: filing.heldDigest ?? null,
    idempotencyKey,
    idempotencyHash: idempotencyKey === null ? null : bodyHash(body),
    createdAt: now,
    decidedAt: null,
    decidedBy: null,
    version: 1,
  };
}

const filedEvent = (request: Request, body: FileRequest, actor = request.agentId) =>
  eventRow({
    kind: 'request.filed',
    actor,
    at: request.createdAt,
    ...subjectOf(request),
    data: { request: asJson(body) },
  });

const asJson = (body: FileRequest): Json => body as unknown as Json;

/** Hashes the parsed body, so that another order of keys or other spaces are the same request. */
const bodyHash = (body: FileRequest): string => sha256Base64url(canonicalText(asJson(body)));

/** The answer given before under this key, or null. Each refusal asks here first: a retry gets its answer even where a new filing gets none. */
async function replay(db: Db, { agent, body, idempotencyKey }: Filing): Promise<Filed | null> {
  if (idempotencyKey === null) return null;
  const request = await findByKey(db, agent.id, idempotencyKey);
  if (request === null) return null;
  if (request.idempotencyHash !== bodyHash(body)) {
    refuse('idempotency_mismatch', 'This Idempotency-Key was used with another body. Use a new key for a new request.');
  }
  return { request, replayed: true };
}

/** The same words for a disabled target as for one that never was, so that an agent learns of no other target. */
const unknownTarget = (body: FileRequest): never =>
  refuse('invalid_request', 'The request cannot be filed as it is.', {
    errors: [
      { pointer: '/target', detail: `There is no target ${body.target} to ask for. GET /api/v1/targets lists them.` },
    ],
  });

const tooManyOpen = (most: number): never =>
  refuse('rate_limited', `${most} of your requests wait for a decision already. Cancel one or wait.`, {
    retryAfterSeconds: 60,
  });

async function sameOpen(db: Db, request: Request): Promise<never> {
  const open = await findSameOpen(db, request);
  const which = open === null ? 'a request' : `request ${open.id}`;
  return refuse(
    'conflict',
    `You asked for just this already, and ${which} waits for a decision. Wait for that one, or cancel it.`,
  );
}
