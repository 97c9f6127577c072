import type { Db } from '#lib/db';
import type { Named } from '#lib/views';

/** Gives the name of an id. An unknown id, `warden`, `web` and `clock` are their own names. */
export type NameOf = (id: string) => Named;

type Ids = Iterable<string | null | undefined>;

/** Looks up all these ids with at most one query for each table. */
export async function namesOf(db: Db, ids: Ids): Promise<NameOf> {
  const byPrefix = new Map<string, string[]>();
  for (const id of new Set(ids)) {
    if (id) byPrefix.set(id.slice(0, 4), [...(byPrefix.get(id.slice(0, 4)) ?? []), id]);
  }
  const wanted = (prefix: string) => ({
    where: { id: { in: byPrefix.get(prefix) ?? [] } },
    select: { id: true, name: true },
  });
  const found = await Promise.all([
    byPrefix.has('hum_') ? db.human.findMany(wanted('hum_')) : [],
    byPrefix.has('agt_') ? db.agent.findMany(wanted('agt_')) : [],
    byPrefix.has('tgt_') ? db.target.findMany(wanted('tgt_')) : [],
  ]);
  const names = new Map(found.flat().map(({ id, name }) => [id, name]));
  return (id) => ({ id, name: names.get(id) ?? id });
}
