import { runApproved } from '#gateway/resolve';
import type { UpstreamResult } from '#lib/records';
import type { Approved } from '../provider';
import { classifyAsk } from './classify';
import type { ProviderContext } from './context';
import { previewOf } from './preview';

/** Runs the approved operation, once, in the words that were classified. */
export const execute = (context: ProviderContext, { ask, preview, beforeSend }: Approved): Promise<UpstreamResult> =>
  runApproved({
    preview,
    beforeSend,
    targetName: context.config.name,
    classify: () => classifyAsk(context, ask),
    look: (exact) => previewOf(context, exact),
    send: ({ operation }, bounds, going) => context.upstream.call({ operation, beforeSend: going }, bounds),
  });
