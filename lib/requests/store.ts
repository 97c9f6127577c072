import type { Db, Grant, Request, Target } from '#lib/db';

/** A request with its target and grant, as far as an agent is told of them. */
export interface RequestWithContext extends Request {
  readonly target: Pick<Target, 'name' | 'config'>;
  readonly grant: Pick<Grant, 'id' | 'state' | 'collectBy' | 'version'> | null;
}

/** What an agent is told beside a request. */
export const CONTEXT = {
  target: { select: { name: true, config: true } },
  grant: { select: { id: true, state: true, collectBy: true, version: true } },
} as const;

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
