import { liveEvents } from '#lib/console';
import { answering, signedIn } from '../route-kit';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // no-transform keeps compression away, the other one reverse proxies' buffers.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

export const GET = answering(async () => new Response(liveEvents(await signedIn()), { headers: HEADERS }));
