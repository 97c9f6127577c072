import { eventRow } from '#lib/audit';
import { type Json, refuse } from '#lib/core';
import type { Hot, Statement } from '#lib/db';
import type { Act } from '#lib/profiles';

/** One use of a grant, to be let through. */
export interface Use {
  readonly grantId: string;
  readonly agentId: string;
  readonly targetId: string;
  readonly requestId: string | null;
  /** As signed; null: not counted. */
  readonly maxUses: number | null;
  readonly acts: readonly Act[];
  /** What the record says it was. */
  readonly operation: Json;
  readonly at: Date;
}

/**
 * The count, the record and, where it was the last, the end: one statement, so
 * that all of it commits or nothing went through (P4, T64). The row's own bounds
 * count as well as the signed ones.
 */
const USE: Statement = {
  name: 'standing_use',
  text: `WITH used AS (
    UPDATE grants SET uses = uses + 1, version = version + 1,
      state = CASE WHEN $4::int IS NOT NULL AND uses + 1 >= $4 THEN 'ending' ELSE state END,
      end_reason = CASE WHEN $4::int IS NOT NULL AND uses + 1 >= $4 THEN 'spent' ELSE end_reason END,
      ended_by = CASE WHEN $4::int IS NOT NULL AND uses + 1 >= $4 THEN 'warden' ELSE ended_by END,
      ending_at = CASE WHEN $4::int IS NOT NULL AND uses + 1 >= $4 THEN clock_timestamp() ELSE ending_at END
    WHERE id = $1 AND agent_id = $2 AND target_id = $3 AND state = 'active' AND expires_at > clock_timestamp()
      AND ($4::int IS NULL OR uses < $4)
    RETURNING id, request_id, state
  ), told AS (
    INSERT INTO audit_events (id, kind, at, actor, agent_id, target_id, request_id, grant_id, body)
    SELECT $5, 'grant.used', $6::timestamptz, $2, $2, $3, request_id, id, $7 FROM used
  ), ended AS (
    INSERT INTO audit_events (id, kind, at, actor, agent_id, target_id, request_id, grant_id, body)
    SELECT $8, 'grant.ending', $6::timestamptz, 'warden', $2, $3, request_id, id, $9 FROM used WHERE state = 'ending'
  )
  SELECT state FROM used`,
};

/** Grants whose uses are remembered. */
const KEPT = 100_000;

/**
 * Lets uses through, or throws `gone`. What passed here is counted here as well:
 * an attacker who owns the tables can set a row back, not this (P3).
 */
export function spender(hot: Hot): (use: Use) => Promise<void> {
  const passed = new Map<string, number>();
  return async (use) => {
    const before = passed.get(use.grantId) ?? 0;
    if (use.maxUses !== null && before >= use.maxUses) refuse('gone', SPENT);
    await spendUse(hot, use);
    const [oldest] = passed.keys();
    if (passed.size >= KEPT && oldest !== undefined) passed.delete(oldest);
    passed.set(use.grantId, (passed.get(use.grantId) ?? 0) + 1);
  };
}

const SPENT = 'This grant has ended, or its uses are spent. Nothing was sent. File a new request.';

async function spendUse(hot: Hot, use: Use): Promise<void> {
  const { grantId, agentId, targetId, requestId, maxUses, acts, operation, at } = use;
  const subject = { at, grantId, agentId, targetId, requestId: requestId ?? undefined };
  const what = acts.map(({ operation: name, class: level, resource, verb }) => ({
    operation: name,
    class: level,
    resource,
    verb,
  }));
  const used = eventRow({ kind: 'grant.used', actor: agentId, ...subject, data: { operation, acts: what } });
  const ending = eventRow({ kind: 'grant.ending', actor: 'warden', ...subject, data: { reason: 'spent' } });
  const values = [grantId, agentId, targetId, maxUses, used.id, at, used.body, ending.id, ending.body];
  const [row] = await hot.rows<{ state: string }>(USE, values);
  if (row === undefined) refuse('gone', SPENT);
}
