import { iso, refuse } from '#lib/core';
import { type Grant, transact } from '#lib/db';
import { askForEnd, canEnd } from '#lib/grants';
import type { AgentApi, AgentCall, Answer } from '../agent-route';
import { namesVersion } from '../preconditions';
import { links } from './links';
import { type PageQuery, pageAnswer, placeAt } from './pages';
import type { GrantResource } from './resources';

type NamedGrant = Grant & { readonly target: { readonly name: string } };

const NAMED = { target: { select: { name: true } } } as const;

/** GET /grants/{id}: at once, or with `Prefer: wait` when it changes. */
export async function readOwnGrant(call: AgentCall): Promise<Answer> {
  const { api, agent, id, headers, waitSeconds } = call;
  const read = async (): Promise<NamedGrant> => (await own(api, agent.id, id)) ?? absent();
  const first = await read();
  if (waitSeconds === 0) return answer(api, first);
  const seen = headers.get('if-none-match') ?? `"${first.version}"`;
  const grant = await call.waiter.wait(agent.id, {
    seconds: waitSeconds,
    signal: call.signal,
    read,
    about: (value) => [value.id],
    done: (value) => value.state === 'ended' || !namesVersion(seen, String(value.version)),
  });
  return { ...answer(api, grant), headers: { 'preference-applied': `wait=${waitSeconds}` } };
}

/** GET /grants: the agent's own, newest first. */
export async function listOwnGrants({
  api,
  agent,
  query: { limit, cursor },
}: AgentCall<undefined, PageQuery>): Promise<Answer> {
  const before = placeAt(cursor);
  const older =
    before === null
      ? {}
      : {
          createdAt: { lte: before.createdAt },
          OR: [{ createdAt: { lt: before.createdAt } }, { id: { lt: before.id } }],
        };
  const rows = await api.db.grant.findMany({
    where: { agentId: agent.id, ...older },
    include: NAMED,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit + 1,
  });
  return pageAnswer(rows, { limit, url: links(api).grants, toItem: (row) => resource(api, row) });
}

/** POST /grants/{id}/return: hands it back early. Saying it twice is saying it once. */
export async function returnOwnGrant({ api, agent, id }: AgentCall): Promise<Answer> {
  if ((await own(api, agent.id, id)) === null) absent();
  await transact(api.db, (tx, now) => askForEnd(tx, now, id, { reason: 'revoked', by: agent.id }));
  return answer(api, (await own(api, agent.id, id)) ?? absent());
}

/** Another's, malformed or never there: one answer (T46). */
const absent = (): never => refuse('not_found', 'There is no such grant.');

async function own({ db }: AgentApi, agentId: string, id: string): Promise<NamedGrant | null> {
  return /^grn_[0-9a-z]{20}$/.test(id) ? db.grant.findFirst({ where: { id, agentId }, include: NAMED }) : null;
}

const answer = (api: AgentApi, grant: NamedGrant): Answer => ({
  body: resource(api, grant),
  version: String(grant.version),
});

const instant = (at: Date | null): string | null => (at === null ? null : iso(at));

function resource(api: AgentApi, grant: NamedGrant): GrantResource {
  const { id, requestId, target, resources, verbs, ttlSeconds, maxUses, uses, proof, trouble, result } = grant;
  const to = links(api);
  const state = grant.state as GrantResource['state'];
  const collectable = grant.kind !== 'resting' && (state === 'ready' || state === 'waiting');
  return {
    id,
    requestId,
    target: target.name,
    resources,
    verbs,
    ttlSeconds,
    maxUses,
    uses,
    state,
    result,
    kind: grant.kind as GrantResource['kind'],
    endReason: grant.endReason as GrantResource['endReason'],
    readyAt: iso(grant.readyAt),
    collectBy: iso(grant.collectBy),
    collectedAt: instant(grant.collectedAt),
    expiresAt: instant(grant.expiresAt),
    endingAt: instant(grant.endingAt),
    endedAt: instant(grant.endedAt),
    proof: proof as string[] | null,
    stillLive: state === 'ending' ? trouble : null,
    links: {
      self: to.grant(id),
      collect: collectable ? to.collect(id) : null,
      return: canEnd(state) ? to.returnGrant(id) : null,
      request: requestId === null ? null : to.request(requestId),
    },
  };
}
