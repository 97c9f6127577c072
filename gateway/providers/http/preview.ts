import { blockUnknown, previewOfExact, previewOfGrant, resolveInTime } from '#gateway/resolve';
import type { Preview } from '#lib/statement';
import type { Ask } from '#lib/targets';
import type { Finding } from '../provider';
import { classifyAsk, type Exact } from './classify';
import type { ProviderContext } from './context';
import { reader } from './read';

/** What the request would do: of a grant in words, of an exact operation with what its ids stand for. */
export async function finding(context: ProviderContext, ask: Ask): Promise<Finding> {
  if (ask.operation === null)
    return { operation: null, acts: [], preview: previewOfGrant(context.config, context.profile, ask) };
  const exact = classifyAsk(context, ask);
  const { operation, classification } = exact;
  return { operation, acts: classification.acts, preview: await previewOf(context, exact) };
}

/** The same look before the approval and before the run. */
export async function previewOf(context: ProviderContext, { classification }: Exact): Promise<Preview> {
  const { profile, config } = context;
  const resolver = classification.resolver === null ? undefined : profile.resolvers[classification.resolver];
  const resolution =
    resolver === undefined ? null : await resolveInTime(resolver, classification.args, reader(context));
  const found = previewOfExact({ ...classification, others: 0 }, resolution);
  return config.refuseUnknown ? blockUnknown(found, resolution) : found;
}
