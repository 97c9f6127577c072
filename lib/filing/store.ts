import type { EventRow } from '#lib/audit';
import type { Db, Request } from '#lib/db';
import { CONTEXT, type RequestWithContext } from '#lib/requests';

/** The target a filing names and how many requests the agent waits for, counted up to `most`, in one round trip. */
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
 * Stores a request and its event in one SQL statement: one round trip, and both
 * commit or neither (P4). False, and nothing stored, where a unique index says
 * it is there already: the same idempotency key, or the same ask still open.
 */
export async function insertRequest(db: Db, request: Request, event: EventRow): Promise<boolean> {
  const r = request;
  const operation = r.operation === null ? null : JSON.stringify(r.operation);
  const count = await db.$executeRaw`
    WITH filed AS (
      INSERT INTO requests (id, agent_id, target_id, resources, verbs, ttl_seconds, max_uses, reason, ticket_url,
        operation, state, danger, held, held_digest, idempotency_key, idempotency_hash, created_at, decide_by)
      VALUES (${r.id}, ${r.agentId}, ${r.targetId}, ${r.resources}, ${r.verbs}, ${r.ttlSeconds}, ${r.maxUses}, ${r.reason},
        ${r.ticketUrl}, ${operation}::jsonb, ${r.state}, ${r.danger}, ${r.held}, ${r.heldDigest}, ${r.idempotencyKey}, ${r.idempotencyHash},
        ${r.createdAt}, ${r.decideBy})
      ON CONFLICT DO NOTHING
      RETURNING id, agent_id, target_id, created_at
    )
    INSERT INTO audit_events (id, kind, at, actor, agent_id, target_id, request_id, body)
    SELECT ${event.id}, ${event.kind}, created_at, ${event.actor}, agent_id, target_id, id, ${event.body} FROM filed`;
  return count === 1;
}

/** The request an agent filed under this idempotency key. */
export const findByKey = (db: Db, agentId: string, idempotencyKey: string): Promise<RequestWithContext | null> =>
  db.request.findUnique({ where: { agentId_idempotencyKey: { agentId, idempotencyKey } }, include: CONTEXT });

/** The undecided request that asks for just this. */
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
