import { runApproved } from '#gateway/resolve';
import type { UpstreamResult } from '#lib/records';
import type { Approved } from '../provider';
import { classifyAsk } from './classify';
import type { Door } from './door';
import { previewOf } from './preview';

/** Runs the approved operation, once, in the words that were classified. */
export const execute = (door: Door, { ask, preview, beforeSend }: Approved): Promise<UpstreamResult> =>
  runApproved({
    preview,
    beforeSend,
    targetName: door.config.name,
    classify: () => classifyAsk(door, ask),
    look: (exact) => previewOf(door, exact),
    send: ({ operation }, bounds) => door.upstream.call({ operation }, bounds),
  });
