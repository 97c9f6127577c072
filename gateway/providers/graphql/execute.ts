import { runApproved } from '#gateway/resolve';
import type { ExecuteLimits, UpstreamResult } from '#warden/targets';
import type { Door } from './door';
import { judged } from './judged';
import { previewOf } from './preview';

/** Runs the approved operation, once, in the words that were judged. */
export const execute = (door: Door, { ask, preview, beforeSend }: ExecuteLimits): Promise<UpstreamResult> =>
  runApproved({
    preview,
    beforeSend,
    targetName: door.config.name,
    judge: () => judged(door, ask),
    look: (exact) => previewOf(door, exact),
    send: ({ operation }, bounds) => door.upstream.call({ operation }, bounds),
  });
