import { iso } from '#lib/core';
import type { Db, Prisma } from '#lib/db';
import { Preview } from '#lib/statement';
import { Operation, TargetConfig, type TargetKind } from '#lib/targets';
import type { RequestState, RequestView, Viewer } from '#lib/views';
import { type Deciding, hintsFor, readDeciding } from '../permissions';
import { type NameOf, namesOf } from './names';

const SHAPE = {
  agent: { select: { id: true, name: true, ownerId: true, owner: { select: { id: true, name: true } } } },
  target: {
    select: { id: true, name: true, kind: true, environment: true, config: true, chainHash: true, state: true },
  },
  grant: { select: { id: true } },
} as const satisfies Prisma.RequestInclude;

type RequestRow = Prisma.RequestGetPayload<{ include: typeof SHAPE }>;

interface Query {
  readonly where?: Prisma.RequestWhereInput;
  readonly orderBy?: Prisma.RequestOrderByWithRelationInput[];
  readonly take: number;
}

/** Finds requests as a page shows them. The number of queries does not grow with the rows. */
export async function findRequests(db: Db, viewer: Viewer, query: Query): Promise<RequestView[]> {
  const [rows, deciding] = await Promise.all([db.request.findMany({ ...query, include: SHAPE }), readDeciding(db)]);
  const nameOf = await namesOf(
    db,
    rows.map((row) => row.decidedBy),
  );
  return rows.map((row) => requestView(row, viewer, deciding, nameOf));
}

function requestView(row: RequestRow, viewer: Viewer, deciding: Deciding, nameOf: NameOf): RequestView {
  const state = row.state as RequestState;
  const { id, name, kind, environment } = row.target;
  const preview = row.preview === null ? null : Preview.parse(row.preview);
  return {
    id: row.id,
    state,
    stateReason: row.stateReason,
    agent: { id: row.agent.id, name: row.agent.name, owner: row.agent.owner },
    target: { id, name, kind: kind as TargetKind, environment },
    resources: row.resources,
    verbs: row.verbs,
    ttlSeconds: row.ttlSeconds,
    maxUses: row.maxUses,
    reason: row.reason,
    ticketUrl: row.ticketUrl,
    operation: row.operation === null ? null : Operation.parse(row.operation),
    preview,
    held: row.held,
    danger: row.danger,
    ...times(row),
    decidedBy: row.decidedBy === null ? null : nameOf(row.decidedBy),
    grantId: row.grant?.id ?? null,
    version: row.version,
    ...hintsFor(
      viewer,
      {
        state,
        agentOwnerId: row.agent.ownerId,
        target: {
          id,
          config: TargetConfig.parse(row.target.config),
          chainHash: row.target.chainHash,
          active: row.target.state === 'active',
        },
        verbs: row.verbs,
        resources: row.resources,
        preview,
      },
      deciding,
    ),
  };
}

const times = (row: RequestRow) => ({
  createdAt: iso(row.createdAt),
  decideBy: iso(row.decideBy),
  decidedAt: row.decidedAt === null ? null : iso(row.decidedAt),
});
