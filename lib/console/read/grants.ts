import type { GrantView, Page, Viewer } from '#lib/views';
import { web } from '../web';
import { after, pageOf, placeOf } from './cursor';
import { findGrants } from './grant-view';

const PAGE_SIZE = 50;
const MOST_LIVE = 500;

export interface GrantsPage {
  readonly live: readonly GrantView[];
  readonly ended: Page<GrantView>;
}

/** Reads the grants, newest first: a page of the ended ones, and on the first page all others too. */
export async function readGrants(
  _viewer: Viewer,
  { cursor }: { readonly cursor?: string | null | undefined } = {},
): Promise<GrantsPage> {
  const { db } = web();
  const orderBy = [{ createdAt: 'desc' as const }, { id: 'desc' as const }];
  const [live, ended] = await Promise.all([
    cursor ? [] : findGrants(db, { where: { state: { not: 'ended' } }, orderBy, take: MOST_LIVE }),
    findGrants(db, { where: { state: 'ended', ...after(cursor) }, orderBy, take: PAGE_SIZE + 1 }),
  ]);
  return { live: live.map(({ view }) => view), ended: pageOf(ended, PAGE_SIZE, ({ view }) => view, placeOf) };
}
