import type { SignedAgent, SignedHuman } from '#lib/authority';
import type { RequestFacts } from '#lib/statement';

/** Describes an agent for a statement. Both come from the authority: rows could be anybody's. */
export const describeAgent = (
  { id, name, tokenHash, keyThumbprint }: SignedAgent,
  owner: Pick<SignedHuman, 'id' | 'name'>,
): RequestFacts['agent'] => ({
  id: id as RequestFacts['agent']['id'],
  name,
  owner: { id: owner.id as RequestFacts['agent']['owner']['id'], name: owner.name },
  tokenThumbprint: tokenHash,
  keyThumbprint,
});
