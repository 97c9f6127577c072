import { addSeconds, iso } from '#lib/core';
import { type Db, databaseNow, type Human, type Prisma } from '#lib/db';
import { mayManageAgent } from '#lib/identity';
import { jwkThumbprint } from '#lib/tokens';
import type { AgentView, GrantView, RequestView, Viewer } from '#lib/views';
import { web } from '../web';
import { findGrants } from './grant-view';
import { findRequests } from './request-view';

const RECENT = 20;

/** How long before an agent's secrets end people are told. */
const WARNED_SECONDS = 14 * 86_400;

/** Every agent that is not deleted, by name. */
export function readAgents(_viewer: Viewer): Promise<AgentView[]> {
  return findAgents(web().db, { state: { not: 'deleted' } });
}

/** An agent with its latest requests and grants. */
export interface AgentPage {
  readonly agent: AgentView;
  readonly requests: readonly RequestView[];
  readonly grants: readonly GrantView[];
  readonly mayManage: boolean;
  /** Whom this viewer could hand it to: owners alone hand over. */
  readonly owners: ReadonlyArray<Pick<Human, 'id' | 'name'>>;
}

/** Reads an agent's page, a deleted one's too; null where there never was such an agent. */
export async function readAgent(viewer: Viewer, id: string): Promise<AgentPage | null> {
  const { db } = web();
  const recent = {
    where: { agentId: id },
    orderBy: [{ createdAt: 'desc' as const }, { id: 'desc' as const }],
    take: RECENT,
  };
  const [[agent], requests, grants, owners] = await Promise.all([
    findAgents(db, { id }),
    findRequests(db, viewer, recent),
    findGrants(db, recent),
    viewer.role === 'owner' ? ownersOfAgents(db) : [],
  ]);
  if (agent === undefined) return null;
  const mayManage = mayManageAgent(viewer, agent.owner.id);
  return { agent, requests, grants: grants.map(({ view }) => view), mayManage, owners };
}

const ownersOfAgents = (db: Db) =>
  db.human.findMany({
    where: { state: 'active', role: { in: ['owner', 'approver'] } },
    select: { id: true, name: true },
    orderBy: { name: 'asc' },
  });

function secretsEnd(expiresAt: Date, now: Date): AgentView['secretsEnd'] {
  if (expiresAt <= now) return 'ended';
  return expiresAt < addSeconds(now, WARNED_SECONDS) ? 'soon' : 'later';
}

async function findAgents(db: Db, where: Prisma.AgentWhereInput): Promise<AgentView[]> {
  const rows = await db.agent.findMany({
    where,
    orderBy: { name: 'asc' },
    include: { owner: { select: { id: true, name: true } } },
  });
  const ids = rows.map((row) => row.id);
  const [restsOf, now] = await Promise.all([restsByAgent(db, ids), databaseNow(db)]);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    description: row.description,
    owner: row.owner,
    state: row.state as AgentView['state'],
    tokenHint: row.tokenHint,
    tokenIssuedAt: iso(row.tokenIssuedAt),
    expiresAt: iso(row.expiresAt),
    secretsEnd: row.state === 'active' ? secretsEnd(row.expiresAt, now) : 'later',
    keyThumbprint: jwkThumbprint(row.publicJwk),
    createdAt: iso(row.createdAt),
    lastSeenAt: row.lastSeenAt === null ? null : iso(row.lastSeenAt),
    rests: restsOf.get(row.id) ?? [],
  }));
}

async function restsByAgent(db: Db, agentIds: readonly string[]): Promise<ReadonlyMap<string, AgentView['rests']>> {
  const allowances = await db.restAllowance.findMany({ where: { agentId: { in: [...agentIds] } } });
  const targets = await db.target.findMany({
    where: { id: { in: allowances.map((allowance) => allowance.targetId) }, state: 'active' },
    select: { id: true, name: true, environment: true },
  });
  const rests = allowances.flatMap(({ agentId, targetId, ttlSeconds }) =>
    targets.filter((target) => target.id === targetId).map((target) => ({ agentId, rest: { ...target, ttlSeconds } })),
  );
  return new Map(agentIds.map((id) => [id, rests.filter(({ agentId }) => agentId === id).map(({ rest }) => rest)]));
}
