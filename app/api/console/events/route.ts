import { liveEvents } from '#lib/console';
import { answering, signedIn } from '../route-kit';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // no-transform keeps compression away, the other one reverse proxies' buffers.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

const sinceOf = (request: Request): string | null =>
  /^\d{1,18}$/.exec(new URL(request.url).searchParams.get('since') ?? '')?.[0] ?? null;

export const GET = answering(
  async (request) => new Response(liveEvents(await signedIn(), { since: sinceOf(request) }), { headers: HEADERS }),
);
