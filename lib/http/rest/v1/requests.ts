import { iso, refuse } from '#lib/core';
import { transact } from '#lib/db';
import { type FileRequest, fileRequest } from '#lib/filing';
import { requirementsOf } from '#lib/policy';
import {
  canCancel,
  cancelRequest,
  findOwn,
  isOpen,
  listOwn,
  type RequestWithContext,
  stateForAgent,
} from '#lib/requests';
import { TargetConfig } from '#lib/targets';
import type { AgentApi, AgentCall, Answer } from '../agent-route';
import { namesVersion } from '../preconditions';
import { links } from './links';
import { type PageQuery, pageAnswer, placeAt } from './pages';
import type { RequestResource } from './resources';

/** POST /requests */
export async function fileOwnRequest(call: AgentCall<FileRequest>): Promise<Answer> {
  const { api, agent, body, now, headers, limits } = call;
  const idempotencyKey = idempotencyKeyOf(headers);
  const filed = await fileRequest(api.db, { agent, body, idempotencyKey, now, maxOpenRequests: limits.openRequests });
  return {
    ...answer(api, filed.request),
    status: 201,
    headers: {
      location: links(api).request(filed.request.id),
      ...(filed.replayed ? { 'idempotency-replayed': 'true' } : {}),
    },
  };
}

/** GET /requests/{id}: at once, or with `Prefer: wait` when it changes. */
export async function readOwnRequest(call: AgentCall): Promise<Answer> {
  const { api, agent, id, headers, waitSeconds } = call;
  const read = async (): Promise<RequestWithContext> => (await own(api, agent.id, id)) ?? absent();
  if (waitSeconds === 0) return answer(api, await read());
  const first = await read();
  const seen = headers.get('if-none-match') ?? `"${versionOf(first)}"`;
  const watchful = headers.has('if-none-match') || isOpen(first.state);
  const request = await call.waiter.wait(agent.id, {
    seconds: waitSeconds,
    signal: call.signal,
    read,
    about: (value) => [value.id, value.grant?.id ?? value.id],
    done: (value) => !watchful || !namesVersion(seen, versionOf(value)),
  });
  return { ...answer(api, request), headers: { 'preference-applied': `wait=${waitSeconds}` } };
}

/** GET /requests: the agent's own, newest first. */
export async function listOwnRequests({
  api,
  agent,
  query: { limit, cursor },
}: AgentCall<undefined, PageQuery>): Promise<Answer> {
  const rows = await listOwn(api.db, agent.id, { before: placeAt(cursor), take: limit + 1 });
  return pageAnswer(rows, { limit, url: links(api).requests, toItem: (row) => resource(api, row) });
}

/** POST /requests/{id}/cancel. With `If-Match`, only what the agent has seen. */
export async function cancelOwnRequest({ api, agent, id, headers }: AgentCall): Promise<Answer> {
  const before = (await own(api, agent.id, id)) ?? absent();
  const seen = headers.get('if-match');
  if (seen !== null && !namesVersion(seen, versionOf(before)))
    refuse('precondition_failed', 'The request has changed since you read it.');
  const version = seen === null ? undefined : before.version;
  await transact(api.db, (tx, now) => cancelRequest(tx, now, { agentId: agent.id, id, version }));
  return answer(api, (await own(api, agent.id, id)) ?? absent());
}

/** Another's, malformed or never there: one answer (T46). */
const absent = (): never => refuse('not_found', 'There is no such request.');

async function own({ db }: AgentApi, agentId: string, id: string): Promise<RequestWithContext | null> {
  return /^req_[0-9a-z]{20}$/.test(id) ? findOwn(db, agentId, id) : null;
}

function idempotencyKeyOf(headers: Headers): string | null {
  const key = headers.get('idempotency-key');
  if (key !== null && !/^[\x21-\x7E]{1,255}$/.test(key))
    refuse('invalid_request', 'Idempotency-Key takes 1 to 255 visible ASCII characters.');
  return key;
}

/** The request's and its grant's: an agent that waits wants to hear of both. */
const versionOf = ({ version, grant }: RequestWithContext): string => `${version}-${grant?.version ?? 0}`;

const answer = (api: AgentApi, request: RequestWithContext): Answer => ({
  body: resource(api, request),
  version: versionOf(request),
});

function resource(api: AgentApi, request: RequestWithContext): RequestResource {
  const { id, stateReason, target, resources, verbs, ttlSeconds, maxUses, reason, ticketUrl, operation, grant } =
    request;
  const to = links(api);
  const state = stateForAgent(request.state);
  return {
    id,
    state,
    stateReason,
    target: target.name,
    resources,
    verbs,
    ttlSeconds,
    maxUses,
    reason,
    ticketUrl,
    operation,
    createdAt: iso(request.createdAt),
    decideBy: iso(request.decideBy),
    decidedAt: request.decidedAt === null ? null : iso(request.decidedAt),
    takes: takesOf(request),
    grant:
      grant === null
        ? null
        : {
            id: grant.id,
            state: grant.state as NonNullable<RequestResource['grant']>['state'],
            collectUrl: to.collect(grant.id),
            collectBy: iso(grant.collectBy),
          },
    links: { self: to.request(id), cancel: canCancel(state) ? to.cancel(id) : null, console: to.console(id) },
  };
}

/** By what was asked alone: what the preview found is not the agent's (P1). */
function takesOf(request: RequestWithContext): RequestResource['takes'] {
  const { quorum, roles, keyClass } = requirementsOf(TargetConfig.parse(request.target.config), request);
  return { approvals: quorum, roles: [...roles], keyClass };
}
