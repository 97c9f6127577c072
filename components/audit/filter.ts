import type { EventFilter } from '#lib/views';

/** A page's query as Next hands it over. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

/** The filter as it stands in the URL: what the form sends, the form shows again. */
export interface FilterQuery {
  readonly agent: string;
  readonly human: string;
  readonly target: string;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  /** Cursors from the newest page to the one shown. */
  readonly trail: readonly string[];
}

/** Steps back that a URL remembers; further back one starts at the newest again. */
const TRAIL = 12;

export function readQuery(query: Query): FilterQuery {
  const one = (name: string): string => [query[name]].flat()[0] ?? '';
  return {
    agent: one('agent'),
    human: one('human'),
    target: one('target'),
    kind: one('kind'),
    from: day(one('from')),
    to: day(one('to')),
    trail: [query['cursor']].flat().flatMap((cursor) => (cursor ? [cursor] : [])),
  };
}

/** Whole days in UTC: `to` includes its day. */
export function toFilter(query: FilterQuery): EventFilter {
  return {
    agentId: query.agent || undefined,
    humanId: query.human || undefined,
    targetId: query.target || undefined,
    kind: query.kind || undefined,
    from: query.from === '' ? undefined : `${query.from}T00:00:00.000Z`,
    to: query.to === '' ? undefined : `${query.to}T23:59:59.999Z`,
  };
}

/** The page's address with this filter and this trail of cursors. */
export function address(path: string, { trail: _, ...filter }: FilterQuery, trail: readonly string[]): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));
  for (const cursor of trail.slice(-TRAIL)) query.append('cursor', cursor);
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

export const isFiltered = ({ trail: _, ...filter }: FilterQuery): boolean =>
  Object.values(filter).some((value) => value !== '');

const day = (text: string): string => (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : '');
