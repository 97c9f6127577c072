import { type Authority, restKey } from '#lib/authority';
import { iso } from '#lib/core';
import type { Approval, Db, Grant } from '#lib/db';
import { LIVE } from '#lib/grants';
import { isAgent } from '#lib/identity';
import { openStatement } from '#lib/statement';
import { signedFor } from '#warden/issuer';
import type { Warden } from '../context';
import type { EndingsInFlight } from './in-flight';

const BATCH = 100;

/** Grants that may be over by the chain, and how to tell. */
export interface Doubt<Row extends Pick<Grant, 'id' | 'targetId'>> {
  /** Live ones of which the chain may say so: the first of them by id, after another. */
  find(db: Db, authority: Authority, page: Page): Promise<Row[]>;
  isOver(authority: Authority, row: Row): boolean;
}

interface Page {
  readonly after: string;
  readonly take: number;
  /** Being ended already. */
  readonly except: readonly string[];
}

/** The same, as Prisma takes it. */
export const pageOf = ({ after, take, except }: Page) => ({
  where: { ...LIVE, id: { gt: after, notIn: [...except] } },
  orderBy: { id: 'asc' as const },
  take,
});

/**
 * Ends what is over by the chain, all of it. The chain is read again once the rows
 * are: what was approved with a key that was enrolled in between is nobody's loss.
 */
export async function endDoubtful<Row extends Pick<Grant, 'id' | 'targetId'>>(
  { db, authority }: Pick<Warden, 'db' | 'authority'>,
  inFlight: EndingsInFlight,
  doubt: Doubt<Row>,
): Promise<void> {
  let before = await authority.current(db);
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: Row[] = await doubt.find(db, before, { after, take: BATCH, except: inFlight.expiring() });
    if (rows.length > 0) before = await authority.current(db);
    for (const row of rows) if (doubt.isOver(before, row)) inFlight.askAndEnd(row, { reason: 'revoked', by: 'warden' });
    after = rows.length < BATCH ? undefined : rows.at(-1)?.id;
  }
}

/** At a target that an owner's key turned off, or that no signed record has. */
export const targetGone: Doubt<Grant> = {
  find: (db, { targets }, page) => {
    const active = [...targets.values()].filter((target) => target.active).map(({ id }) => id);
    return db.grant.findMany({ ...pageOf(page), where: { ...pageOf(page).where, targetId: { notIn: active } } });
  },
  isOver: ({ targets }, { targetId }) => targets.get(targetId)?.active !== true,
};

type Resting = Pick<Grant, 'id' | 'agentId' | 'targetId' | 'createdAt'>;

/** Reading at rest that nobody's signature allows any more, or that the agent got by secrets which it had before. */
export const restGone: Doubt<Resting> = {
  find: (db, { agents, rests }, { after, take, except }) => {
    const allowed = [...rests.values()];
    const [agentIds, targetIds] = [allowed.map(({ agentId }) => agentId), allowed.map(({ targetId }) => targetId)];
    const since = allowed.map(({ agentId }) => iso(agents.get(agentId)?.issuedAt ?? new Date()));
    return db.$queryRaw`
      SELECT id, agent_id AS "agentId", target_id AS "targetId", created_at AS "createdAt" FROM grants g
      WHERE state IN ('waiting', 'ready', 'active') AND kind = 'resting' AND id > ${after} AND id <> ALL (${[...except]}::text[])
        AND NOT EXISTS (
          SELECT FROM unnest(${agentIds}::text[], ${targetIds}::text[], ${since}::text[]::timestamptz[]) AS r (agent, target, since)
          WHERE r.agent = g.agent_id AND r.target = g.target_id AND r.since <= g.created_at)
      ORDER BY id LIMIT ${take}`;
  },
  isOver: ({ agents, rests }, { agentId, targetId, createdAt }) => {
    const agent = agents.get(agentId);
    return agent === undefined || !rests.has(restKey(agentId, targetId)) || createdAt < agent.issuedAt;
  },
};

type Approved = Pick<Grant, 'id' | 'targetId'> & {
  readonly request: { readonly approvals: ReadonlyArray<Pick<Approval, 'statement'>> } | null;
};

/** More than are ever live at once; then each is looked at again. */
const MOST_KNOWN = 10_000;

/** By the chain as it stands: grants whose agent was found to be the one that was signed for. It stays so until the chain grows. */
const known = new WeakMap<Authority, Set<string>>();

function knownIn(authority: Authority): Set<string> {
  const ids = known.get(authority);
  if (ids !== undefined && ids.size < MOST_KNOWN) return ids;
  const fresh = new Set<string>();
  known.set(authority, fresh);
  return fresh;
}

/** Approved for an agent that has other secrets now, or is none. */
export const agentChanged: Doubt<Approved> = {
  find: (db, authority, { except, ...page }) =>
    db.grant.findMany({
      ...pageOf({ ...page, except: [...except, ...knownIn(authority)] }),
      select: { id: true, targetId: true, request: { select: { approvals: { select: { statement: true } } } } },
    }),
  isOver: (authority, { id, request }) => {
    if (request?.approvals.some(({ statement }) => !isSignedFor(authority, statement))) return true;
    knownIn(authority).add(id);
    return false;
  },
};

function isSignedFor({ agents }: Authority, text: string): boolean {
  try {
    const statement = openStatement(text);
    if (statement.kind !== 'request.approve') return false;
    const facts = signedFor(statement.request.agent);
    const agent = agents.get(facts.id);
    return agent !== undefined && isAgent(agent, facts);
  } catch {
    return false;
  }
}
