import { randomUUID } from 'node:crypto';
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
  /** What names the proof of the call; null for an agent without a key. */
  readonly proofId: string | null;
  readonly acts: readonly Act[];
  /** What the record says it was. */
  readonly operation: Json;
  readonly at: Date;
}

/** Number and record in one statement: both commit, or nothing went through (P4, T64). The row's own bounds are a trigger's. */
const USE: Statement = {
  name: 'callers_use',
  text: `WITH used AS (
    INSERT INTO grant_uses (id, grant_id, n, jti, instance_id) VALUES ($1, $2, $3, $4, $5) RETURNING grant_id
  )
  INSERT INTO audit_events (id, kind, at, actor, agent_id, target_id, request_id, grant_id, body)
  SELECT $6, 'grant.used', $7::timestamptz, $8, $8, $9, $10, grant_id, $11 FROM used`,
};

const HIGHEST: Statement = {
  name: 'callers_highest',
  text: 'SELECT coalesce(max(n), 0)::int AS n FROM grant_uses WHERE grant_id = $1',
};

/** Grants whose numbers are remembered. */
const KEPT = 100_000;

/**
 * Counts a use, or throws `gone`. Numbers are given out in memory, so that
 * concurrent uses do not wait for each other; where two copies give out the same
 * number, the database accepts one and the other copy goes on from the highest.
 * A copy never gives a number out twice: an attacker who owns the tables can
 * remove rows, not this memory (P3). A number whose insert was cut off is lost.
 */
export function useCounter(hot: Hot, instanceId: string): (use: Use) => Promise<void> {
  const given = new Map<string, number>();

  function next(use: Use): number | null {
    if (use.maxUses === null) return null;
    const n = (given.get(use.grantId) ?? 0) + 1;
    if (n > use.maxUses) return refuse('gone', SPENT);
    keep(use.grantId, n);
    return n;
  }

  function keep(grantId: string, n: number): void {
    const [oldest] = given.keys();
    if (given.size >= KEPT && oldest !== undefined && !given.has(grantId)) given.delete(oldest);
    given.set(grantId, n);
  }

  async function catchUp(grantId: string): Promise<void> {
    const [row] = await hot.rows<{ n: number }>(HIGHEST, [grantId]);
    keep(grantId, Math.max(given.get(grantId) ?? 0, row?.n ?? 0));
  }

  /** What the server itself refused was not used. */
  function releaseUse({ grantId }: Use, n: number | null, error: unknown): void {
    if (n !== null && wasRefused(error) && given.get(grantId) === n) given.set(grantId, n - 1);
  }

  return async (use) => {
    for (;;) {
      const n = next(use);
      try {
        if (await insert({ hot, instanceId }, use, n)) return;
      } catch (error) {
        releaseUse(use, n, error);
        throw error;
      }
      await catchUp(use.grantId);
    }
  };
}

/** A SQLSTATE, and none of a connection or a statement that was broken off. */
const wasRefused = (error: unknown): boolean =>
  /^(?!08|57)[0-9A-Z]{5}$/.test(String((error as { readonly code?: unknown }).code));

const SPENT = 'This grant has ended, or its uses are spent. Nothing was sent. File a new request.';

/** False where another copy has this number. Throws `gone` or `proof_required` where it may not be used at all. */
async function insert(
  { hot, instanceId }: { readonly hot: Hot; readonly instanceId: string },
  use: Use,
  n: number | null,
): Promise<boolean> {
  const { grantId, agentId, targetId, requestId, proofId, at } = use;
  const event = eventOf(use);
  const used = [`use_${randomUUID()}`, grantId, n, proofId, instanceId];
  try {
    await hot.rows(USE, [...used, event.id, at, agentId, targetId, requestId, event.body]);
    return true;
  } catch (error) {
    const { code, constraint } = error as { readonly code?: string; readonly constraint?: string };
    if (code === '23505' && constraint === 'grant_uses_grant_id_n_key') return false;
    if (code === '23505' && constraint === 'grant_uses_jti_key')
      return refuse('proof_required', USED_BEFORE, { cause: error });
    if (code === '23514' || code === '23503') return refuse('gone', SPENT, { cause: error });
    throw error;
  }
}

const USED_BEFORE = 'This proof was used before, at another copy of the gateway. Send a fresh one (RFC 9449 §11.1).';

function eventOf({ grantId, agentId, targetId, requestId, acts, operation, at }: Use) {
  const what = acts.map(({ operation: name, class: level, resource, verb }) => ({
    operation: name,
    class: level,
    resource,
    verb,
  }));
  const subject = { at, grantId, agentId, targetId, requestId: requestId ?? undefined };
  return eventRow({ kind: 'grant.used', actor: agentId, ...subject, data: { operation, acts: what } });
}
