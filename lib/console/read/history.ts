import { z } from 'zod';
import type { AuditKind } from '#lib/audit';
import { iso, type Json, parseStrictJson } from '#lib/core';
import { type Db, Prisma } from '#lib/db';
import type { EventFilter, EventView, Named, Page, Viewer } from '#lib/views';
import { web } from '../web';
import { pageOf, readCursor, writeCursor } from './cursor';
import { type NameOf, namesOf } from './names';
import { AUDIT_KINDS, sentenceOf } from './sentences';

const PAGE_SIZE = 50;
const LONGEST_STORY = 500;

interface EventRow {
  readonly seq: bigint;
  readonly id: string;
  readonly kind: string;
  readonly at: Date;
  readonly actor: string;
  readonly agentId: string | null;
  readonly humanId: string | null;
  readonly targetId: string | null;
  readonly requestId: string | null;
  readonly grantId: string | null;
  readonly body: string;
  readonly reportedBy: string;
  readonly recordedAt: Date;
}

/** Reads a page of fifty events that match, newest first. Throws `invalid_request` on a cursor that this list did not make. */
export async function readHistory(
  _viewer: Viewer,
  filter: EventFilter = {},
  cursor?: string | null,
): Promise<Page<EventView>> {
  const { db } = web();
  const before = readCursor(cursor, ([seq]) => (seq !== undefined && /^\d{1,18}$/.test(seq) ? BigInt(seq) : null));
  const rows = await db.$queryRaw<EventRow[]>(historyQuery(filter, before, PAGE_SIZE + 1));
  const nameOf = await namesIn(db, rows);
  return pageOf(
    rows,
    PAGE_SIZE,
    (row) => eventView(row, nameOf),
    (row) => writeCursor(String(row.seq)),
  );
}

/** The events of a request, oldest first. */
export async function eventsOf(db: Db, requestId: string): Promise<EventView[]> {
  const rows = await db.auditEvent.findMany({ where: { requestId }, orderBy: { seq: 'asc' }, take: LONGEST_STORY });
  const nameOf = await namesIn(db, rows);
  return rows.map((row) => eventView(row, nameOf));
}

/**
 * The query of one page, by keyset over `seq`: each filter column has an index
 * that ends in `seq`, so that the hundredth page costs what the first does. A
 * person's history is what others did to them and what they did themselves: two
 * ordered scans, merged.
 */
export function historyQuery(filter: EventFilter, before: bigint | null, take: number): Prisma.Sql {
  const conditions = conditionsOf(filter, before);
  const { humanId } = filter;
  if (!humanId) return newestOf(conditions, take);
  const about = newestOf([Prisma.sql`human_id = ${humanId}`, ...conditions], take);
  const by = newestOf(
    [Prisma.sql`actor = ${humanId} AND actor LIKE 'hum\\_%' AND human_id IS DISTINCT FROM ${humanId}`, ...conditions],
    take,
  );
  return Prisma.sql`(${about}) UNION ALL (${by}) ORDER BY seq DESC LIMIT ${take}`;
}

function newestOf(conditions: readonly Prisma.Sql[], take: number): Prisma.Sql {
  const where = conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join([...conditions], ' AND ')}`;
  return Prisma.sql`SELECT seq, id, kind, at, actor, agent_id AS "agentId", human_id AS "humanId", target_id AS "targetId",
    request_id AS "requestId", grant_id AS "grantId", body, reported_by AS "reportedBy", recorded_at AS "recordedAt" FROM audit_events ${where} ORDER BY seq DESC LIMIT ${take}`;
}

function conditionsOf(filter: EventFilter, before: bigint | null): Prisma.Sql[] {
  const [from, to] = [instant(filter.from), instant(filter.to)];
  return [
    before === null ? null : Prisma.sql`seq < ${before}`,
    filter.agentId ? Prisma.sql`agent_id = ${filter.agentId}` : null,
    filter.targetId ? Prisma.sql`target_id = ${filter.targetId}` : null,
    filter.requestId ? Prisma.sql`request_id = ${filter.requestId}` : null,
    filter.grantId ? Prisma.sql`grant_id = ${filter.grantId}` : null,
    filter.kind ? Prisma.sql`kind IN (${Prisma.join(kindsOf(filter.kind))})` : null,
    from === null ? null : Prisma.sql`at >= ${from}`,
    to === null ? null : Prisma.sql`at < ${to}`,
  ].filter((condition) => condition !== null);
}

/** The kinds that a filter names: one, or all of a noun. An unknown word is returned as it is and matches no event. */
const kindsOf = (kind: string): string[] => {
  const kinds = AUDIT_KINDS.filter((known) => known === kind || known.startsWith(`${kind}.`));
  return kinds.length === 0 ? [kind] : kinds;
};

const Instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).transform((text) => new Date(text));

/** Reads a date or an instant from a link; null, which filters nothing, for anything else somebody put there. */
const instant = (text: string | undefined): Date | null => Instant.safeParse(text).data ?? null;

const namesIn = (db: Db, rows: readonly EventRow[]): Promise<NameOf> =>
  namesOf(
    db,
    rows.flatMap((row) => [row.actor, row.agentId, row.humanId, row.targetId]),
  );

function eventView(row: EventRow, nameOf: NameOf): EventView {
  const named = (id: string | null): Named | null => (id === null ? null : nameOf(id));
  const actor = nameOf(row.actor);
  const [agent, human, target] = [named(row.agentId), named(row.humanId), named(row.targetId)];
  const sentence = sentenceOf(row.kind, {
    actor: actor.name,
    agent: agent?.name ?? 'an agent',
    human: human?.name ?? 'somebody',
    target: target?.name ?? 'a target',
    data: dataOf(row.body),
  });
  return {
    seq: String(row.seq),
    id: row.id,
    kind: row.kind as AuditKind,
    at: iso(row.at),
    actor,
    sentence,
    agent,
    human,
    target,
    requestId: row.requestId,
    grantId: row.grantId,
    body: row.body,
    reportedBy: row.reportedBy,
    recordedAt: iso(row.recordedAt),
  };
}

function dataOf(body: string): { readonly [key: string]: Json } {
  const { data } = parseStrictJson(body) as { readonly data?: { readonly [key: string]: Json } };
  return data ?? {};
}

export interface FilterChoices {
  readonly agents: readonly Named[];
  readonly people: readonly Named[];
  readonly targets: readonly Named[];
  readonly kinds: readonly AuditKind[];
}

/** Reads what history can be filtered by: every agent, person and target there ever was, by name, and every kind of event. */
export async function readFilterChoices(): Promise<FilterChoices> {
  const { db } = web();
  const named = { select: { id: true, name: true }, orderBy: { name: 'asc' } } as const;
  const [agents, people, targets] = await Promise.all([
    db.agent.findMany(named),
    db.human.findMany(named),
    db.target.findMany(named),
  ]);
  return { agents, people, targets, kinds: AUDIT_KINDS };
}
