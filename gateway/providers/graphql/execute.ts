import { runApproved } from '#gateway/resolve';
import type { UpstreamResult } from '#lib/records';
import type { Approved } from '../provider';
import type { Door } from './door';
import { judged } from './judged';
import { previewOf } from './preview';

/** Runs the approved operation, once, in the words that were judged. */
export const execute = (door: Door, { ask, preview, beforeSend }: Approved): Promise<UpstreamResult> =>
  runApproved({
    preview,
    beforeSend,
    targetName: door.config.name,
    judge: () => judged(door, ask),
    look: (exact) => previewOf(door, exact),
    send: ({ operation }, bounds) => door.upstream.call({ operation }, bounds),
  });
