import { append } from '#lib/audit';
import { refuse } from '#lib/core';
import type { Db, Prisma, Request, Tx } from '#lib/db';
import type { Preview } from '#lib/statement';

import { decided, statesBefore } from './state';
import { subjectOf } from './subject';

/**
 * Cancels the agent's own undecided request. Throws `not_found` for another
 * agent's, `already_decided` for a decided one, and `precondition_failed` where
 * `version` is given and the request has another by now.
 */
export async function cancelRequest(
  tx: Tx,
  now: Date,
  cancel: {
    readonly agentId: string;
    readonly id: string;
    readonly version?: number | undefined;
    /** Why it was cancelled, where the agent did not ask for it itself. */
    readonly reason?: string;
  },
): Promise<void> {
  const { agentId, id, version, reason } = cancel;
  const own = await tx.request.findFirst({ where: { id, agentId }, select: { version: true } });
  if (own === null) return refuse('not_found', 'There is no such request.');
  if (version !== undefined && own.version !== version)
    return refuse('precondition_failed', 'The request has changed since you read it.');
  const rows = await tx.request.updateManyAndReturn({
    where: {
      id,
      agentId,
      state: { in: statesBefore('agent', 'cancelled') },
      ...(version === undefined ? {} : { version }),
    },
    data: { ...decided('cancelled', now, agentId), stateReason: reason ?? null },
  });
  const row = rows[0] ?? refuse('already_decided', 'This request was decided, cancelled or lapsed meanwhile.');
  const data = reason === undefined ? {} : { reason };
  await append(tx, { kind: 'request.cancelled', actor: agentId, at: now, ...subjectOf(row), data });
}

/**
 * Stores the preview: `preparing → pending`, and people may decide. Returns false where the request is no longer
 * `preparing`. The version stays: it is the agent's, who is not to see that a preview landed (P1).
 */
export async function markPrepared(
  tx: Tx,
  now: Date,
  id: string,
  found: {
    readonly preview: Preview;
    readonly seal: string;
    readonly danger: number;
    /** Who looked it up, for the record. */
    readonly by: 'warden' | 'gateway' | 'nobody';
  },
): Promise<boolean> {
  const { preview, seal, danger, by } = found;
  const rows = await tx.request.updateManyAndReturn({
    where: { id, state: { in: statesBefore('warden', 'pending') } },
    data: {
      state: 'pending',
      preview: preview as unknown as Prisma.InputJsonObject,
      previewSeal: seal,
      danger,
    },
  });
  const row = rows[0];
  if (row === undefined) return false;
  await append(tx, {
    kind: 'request.prepared',
    actor: 'warden',
    at: now,
    ...subjectOf(row),
    data: { danger, effects: preview.effects, by },
  });
  return true;
}

/** Denies in the warden's name what cannot be previewed: nobody could know what they sign (P7). Returns false as `markPrepared` does. */
export async function refusePrepared(tx: Tx, now: Date, id: string, reason: string): Promise<boolean> {
  const rows = await tx.request.updateManyAndReturn({
    where: { id, state: { in: statesBefore('warden', 'denied') } },
    data: { ...decided('denied', now, 'warden'), stateReason: reason },
  });
  const row = rows[0];
  if (row === undefined) return false;
  await append(tx, { kind: 'request.denied', actor: 'warden', at: now, ...subjectOf(row), data: { reason } });
  return true;
}

/** What an agent, or with null anybody, had asked by then and nobody has decided: ids. */
export async function undecidedBy(db: Db, agentId: string | null, until: Date): Promise<string[]> {
  const of = agentId === null ? {} : { agentId };
  const where = { ...of, state: { in: statesBefore('person', 'denied') }, createdAt: { lte: until } };
  return (await db.request.findMany({ where, select: { id: true } })).map(({ id }) => id);
}

/** Denies everything an agent asked that nobody has decided, or one of it: it is off, or another than it was. `by` is a person, an agent, or the warden. */
export async function denyUndecided(
  tx: Tx,
  now: Date,
  of: { readonly agentId: string } | { readonly id: string },
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<void> {
  const rows = await tx.request.updateManyAndReturn({
    where: { ...of, state: { in: statesBefore('person', 'denied') } },
    data: { ...decided('denied', now, by), stateReason: reason },
  });
  const who = by.startsWith('hum_') ? { humanId: by } : {};
  for (const row of rows)
    await append(tx, { kind: 'request.denied', actor: by, at: now, ...who, ...subjectOf(row), data: { reason } });
}

/** Lets every undecided request lapse whose time is over, since silence is denial (P7). Returns their ids. */
export async function lapseOverdue(tx: Tx, now: Date): Promise<string[]> {
  const rows: Request[] = await tx.request.updateManyAndReturn({
    where: { state: { in: statesBefore('clock', 'lapsed') }, decideBy: { lte: now } },
    data: { ...decided('lapsed', now, 'clock'), stateReason: 'Nobody decided in time.' },
  });
  for (const row of rows) await append(tx, { kind: 'request.lapsed', actor: 'clock', at: now, ...subjectOf(row) });
  return rows.map((row) => row.id);
}
