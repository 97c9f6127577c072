import { z } from 'zod';
import { iso, secondsBetween } from '#lib/core';
import { type Db, databaseNow, type Prisma } from '#lib/db';
import type { TargetKind } from '#lib/targets';
import type { EndReason, GrantState, GrantView, Named } from '#lib/views';
import { type NameOf, namesOf } from './names';

const SHAPE = {
  agent: { select: { id: true, name: true } },
  target: { select: { id: true, name: true, kind: true, environment: true } },
  request: { select: { approvals: { select: { humanId: true }, orderBy: { createdAt: 'asc' } } } },
} as const satisfies Prisma.GrantInclude;

type GrantRow = Prisma.GrantGetPayload<{ include: typeof SHAPE }>;

interface Query {
  readonly where?: Prisma.GrantWhereInput;
  readonly orderBy?: Prisma.GrantOrderByWithRelationInput[];
  readonly take: number;
}

/** A grant as a page shows it, with its sort key. */
export interface PlacedGrant {
  readonly view: GrantView;
  readonly createdAt: Date;
  readonly id: string;
}

/** Finds grants as a page shows them. The number of queries does not grow with the rows. */
export async function findGrants(db: Db, query: Query): Promise<PlacedGrant[]> {
  const [rows, now] = await Promise.all([db.grant.findMany({ ...query, include: SHAPE }), databaseNow(db)]);
  const nameOf = await namesOf(
    db,
    rows.flatMap((row) => [row.endedBy, ...approversOf(row)]),
  );
  return rows.map((row) => ({ view: grantView(row, nameOf, now), createdAt: row.createdAt, id: row.id }));
}

const approversOf = (row: GrantRow): string[] => row.request?.approvals.map((approval) => approval.humanId) ?? [];

function grantView(row: GrantRow, nameOf: NameOf, now: Date): GrantView {
  const { id, name, kind, environment } = row.target;
  return {
    id: row.id,
    kind: row.kind as GrantView['kind'],
    state: row.state as GrantState,
    endReason: row.endReason as EndReason | null,
    endedBy: row.endedBy === null ? null : nameOf(row.endedBy),
    requestId: row.requestId,
    agent: row.agent,
    target: { id, name, kind: kind as TargetKind, environment },
    resources: row.resources,
    verbs: row.verbs,
    ttlSeconds: row.ttlSeconds,
    maxUses: row.maxUses,
    uses: row.uses,
    approvedBy: approversOf(row).map((humanId): Named => nameOf(humanId)),
    ...times(row),
    proof: Lines.parse(row.proof),
    stillLive: stillLive(row, now),
    reference: row.reference,
    notRun: NotRun.parse(row.result),
    answer: Answered.parse(row.result),
    version: row.version,
  };
}

/** A provider's answer. An SQL statement's result has another shape; no page shows it yet. */
const Answered = z.object({ status: z.int(), body: z.string(), truncated: z.boolean() }).nullable().catch(null);

const NotRun = z
  .object({ notRun: z.string() })
  .transform(({ notRun }) => notRun)
  .nullable()
  .catch(null);

const Lines = z.array(z.string()).nullable().catch(null);

const isoOrNull = (at: Date | null): string | null => (at === null ? null : iso(at));

const times = (row: GrantRow) => ({
  readyAt: iso(row.readyAt),
  collectBy: iso(row.collectBy),
  collectedAt: isoOrNull(row.collectedAt),
  expiresAt: isoOrNull(row.expiresAt),
  endingAt: isoOrNull(row.endingAt),
  endedAt: isoOrNull(row.endedAt),
});

/** Ending takes a moment. After this long without proof the page says STILL LIVE (P5). */
const PATIENCE_SECONDS = 5;

type Ending = Pick<GrantRow, 'state' | 'trouble' | 'collectedAt' | 'expiresAt' | 'endingAt'>;

/** Why a credential past its end is not known to be dead; null where nothing speaks for it. `now` is the database's. */
export function stillLive(grant: Ending, now: Date): string | null {
  const overdue = (end: Date | null): boolean => end !== null && secondsBetween(end, now) >= PATIENCE_SECONDS;
  if (grant.state === 'ending' && grant.trouble !== null) return grant.trouble;
  if (grant.collectedAt === null) return null;
  if (grant.state === 'ending' && overdue(grant.endingAt))
    return 'Its end was asked for and the warden has not proven it yet.';
  if (grant.state === 'active' && overdue(grant.expiresAt))
    return 'Its time is over and the warden has not ended it yet.';
  return null;
}
