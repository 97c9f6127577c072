import { look, previewOfExact, previewOfGrant, refuseUnknown } from '#gateway/resolve';
import type { Preview } from '#lib/statement';
import type { Ask } from '#lib/targets';
import type { Finding } from '../provider';
import { classifyAsk, type Exact } from './classify';
import type { Door } from './door';
import { reader } from './read';

/** What the request would do: of a grant in words, of an exact operation with what its ids stand for. */
export async function finding(door: Door, ask: Ask): Promise<Finding> {
  if (ask.operation === null)
    return { operation: null, acts: [], preview: previewOfGrant(door.config, door.profile, ask) };
  const exact = classifyAsk(door, ask);
  const { operation, classification } = exact;
  return { operation, acts: classification.acts, preview: await previewOf(door, exact) };
}

/** The same look before the approval and before the run. */
export async function previewOf(door: Door, { classification, others }: Exact): Promise<Preview> {
  const { profile, config } = door;
  const resolver = classification.resolver === null ? undefined : profile.resolvers[classification.resolver];
  const resolution = resolver === undefined ? null : await look(resolver, classification.args, reader(door));
  const found = previewOfExact({ ...classification, others }, resolution);
  if (config.refuseUnknown) refuseUnknown(found, resolution);
  return found;
}
