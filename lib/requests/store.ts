import type { EventRow } from '#lib/audit';
import type { Db, Grant, Request, Target } from '#lib/db';

/** A request with its target and grant, as far as an agent is told of them. */
export interface RequestWithContext extends Request {
  readonly target: Pick<Target, 'name' | 'config'>;
  readonly grant: Pick<Grant, 'id' | 'state' | 'collectBy' | 'version'> | null;
}

const CONTEXT = {
  target: { select: { name: true, config: true } },
  grant: { select: { id: true, state: true, collectBy: true, version: true } },
} as const;

/** Finds the target that a filing names and counts the agent's undecided requests, up to `most`: one round trip for both. */
export async function findAskable(
  db: Db,
  agentId: string,
  { name, most }: { readonly name: string; readonly most: number },
): Promise<{ readonly id: string; readonly config: unknown; readonly open: number } | null> {
  const rows = await db.$queryRaw<Array<{ id: string; config: unknown; open: number }>>`
    SELECT id, config, (
      SELECT count(*)::int FROM (
        SELECT FROM requests WHERE agent_id = ${agentId} AND state IN ('preparing', 'pending') LIMIT ${most}
      ) AS waiting
    ) AS open FROM targets WHERE name = ${name} AND state = 'active'`;
  return rows[0] ?? null;
}

/**
 * Stores a request and its event in one SQL statement: one round trip, and the
 * two commit together (P4). Returns false and stores nothing where a unique
 * index has the same idempotency key, or the same ask still open.
 */
export async function insertRequest(db: Db, request: Request, event: EventRow): Promise<boolean> {
  const r = request;
  const operation = r.operation === null ? null : JSON.stringify(r.operation);
  const count = await db.$executeRaw`
    WITH filed AS (
      INSERT INTO requests (id, agent_id, target_id, resources, verbs, ttl_seconds, max_uses, reason, ticket_url,
        operation, state, danger, held, idempotency_key, idempotency_hash, created_at, decide_by)
      VALUES (${r.id}, ${r.agentId}, ${r.targetId}, ${r.resources}, ${r.verbs}, ${r.ttlSeconds}, ${r.maxUses}, ${r.reason},
        ${r.ticketUrl}, ${operation}::jsonb, ${r.state}, ${r.danger}, ${r.held}, ${r.idempotencyKey}, ${r.idempotencyHash},
        ${r.createdAt}, ${r.decideBy})
      ON CONFLICT DO NOTHING
      RETURNING id, agent_id, target_id, created_at
    )
    INSERT INTO audit_events (id, kind, at, actor, agent_id, target_id, request_id, body)
    SELECT ${event.id}, ${event.kind}, created_at, ${event.actor}, agent_id, target_id, id, ${event.body} FROM filed`;
  return count === 1;
}

export const findByKey = (db: Db, agentId: string, idempotencyKey: string): Promise<RequestWithContext | null> =>
  db.request.findUnique({ where: { agentId_idempotencyKey: { agentId, idempotencyKey } }, include: CONTEXT });

/** Finds the agent's undecided request for the same things, time and uses. */
export async function findSameOpen(db: Db, request: Request): Promise<{ readonly id: string } | null> {
  const { agentId, targetId, ttlSeconds, resources, verbs, maxUses } = request;
  const open = await db.request.findMany({
    where: {
      agentId,
      targetId,
      ttlSeconds,
      maxUses,
      resources: { equals: resources },
      verbs: { equals: verbs },
      state: { in: ['preparing', 'pending'] },
    },
    select: { id: true },
  });
  return open[0] ?? null;
}

/** Finds one of the agent's own requests; null for another agent's as for one that never was (T46). */
export const findOwn = (db: Db, agentId: string, id: string): Promise<RequestWithContext | null> =>
  db.request.findFirst({ where: { id, agentId }, include: CONTEXT });

/** Lists the agent's own requests, newest first; `before` is the last one of the page before. */
export function listOwn(
  db: Db,
  agentId: string,
  page: { readonly before: { readonly createdAt: Date; readonly id: string } | null; readonly take: number },
): Promise<RequestWithContext[]> {
  const { before, take } = page;
  const older =
    before === null
      ? {}
      : {
          createdAt: { lte: before.createdAt },
          OR: [{ createdAt: { lt: before.createdAt } }, { id: { lt: before.id } }],
        };
  return db.request.findMany({
    where: { agentId, ...older },
    include: CONTEXT,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take,
  });
}
