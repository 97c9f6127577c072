import { look, previewOfExact, previewOfGrant, refuseUnknown } from '#gateway/resolve';
import type { Preview } from '#lib/statement';
import type { Ask } from '#lib/targets';
import type { Door } from './door';
import { type Exact, judged } from './judged';
import { reader } from './read';

/** What the request would do: of a grant in words, of an exact operation with what its ids stand for. */
export async function preview(door: Door, ask: Ask): Promise<Preview> {
  if (ask.operation === null) return previewOfGrant(door.config, door.profile, ask);
  return previewOf(door, judged(door, ask));
}

/** The same look before the approval and before the run. */
export async function previewOf(door: Door, { judgement }: Exact): Promise<Preview> {
  const { profile, config } = door;
  const resolver = judgement.resolver === null ? undefined : profile.resolvers[judgement.resolver];
  const resolution = resolver === undefined ? null : await look(resolver, judgement.args, reader(door));
  const found = previewOfExact({ ...judgement, others: 0 }, resolution);
  if (config.refuseUnknown) refuseUnknown(found, resolution);
  return found;
}
