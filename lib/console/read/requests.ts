import type { EventView, GrantView, RequestView, Viewer } from '#lib/views';
import { web } from '../web';
import { findGrants } from './grant-view';
import { eventsOf } from './history';
import { findRequests } from './request-view';

const INBOX_SIZE = 200;

/** Reads the undecided requests: the most dangerous first, and of equal ones the newest. */
export function readInbox(viewer: Viewer): Promise<RequestView[]> {
  return findRequests(web().db, viewer, {
    where: { state: { in: ['preparing', 'pending'] } },
    orderBy: [{ danger: 'desc' }, { createdAt: 'desc' }, { id: 'desc' }],
    take: INBOX_SIZE,
  });
}

/** A request with its grant and its events, the oldest first. */
export interface RequestPage {
  readonly request: RequestView;
  readonly grant: GrantView | null;
  readonly story: readonly EventView[];
}

export async function readRequest(viewer: Viewer, id: string): Promise<RequestPage | null> {
  const { db } = web();
  const [[request], [grant], story] = await Promise.all([
    findRequests(db, viewer, { where: { id }, take: 1 }),
    findGrants(db, { where: { requestId: id }, take: 1 }),
    eventsOf(db, id),
  ]);
  return request === undefined ? null : { request, grant: grant?.view ?? null, story };
}
