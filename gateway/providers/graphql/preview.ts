import { look, previewOfExact, previewOfGrant, refuseUnknown } from '#gateway/resolve';
import type { Preview } from '#lib/statement';
import type { Ask } from '#lib/targets';
import type { Finding } from '../provider';
import type { Door } from './door';
import { type Exact, judged } from './judged';
import { reader } from './read';

/** What the request would do: of a grant in words, of an exact operation with what its ids stand for. */
export async function finding(door: Door, ask: Ask): Promise<Finding> {
  if (ask.operation === null)
    return { operation: null, acts: [], preview: previewOfGrant(door.config, door.profile, ask) };
  const exact = judged(door, ask);
  const { operation, judgement } = exact;
  return { operation, acts: judgement.acts, preview: await previewOf(door, exact) };
}

/** The same look before the approval and before the run. */
export async function previewOf(door: Door, { judgement, others }: Exact): Promise<Preview> {
  const { profile, config } = door;
  const resolver = judgement.resolver === null ? undefined : profile.resolvers[judgement.resolver];
  const resolution = resolver === undefined ? null : await look(resolver, judgement.args, reader(door));
  const found = previewOfExact({ ...judgement, others }, resolution);
  if (config.refuseUnknown) refuseUnknown(found, resolution);
  return found;
}
