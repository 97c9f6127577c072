import type { Upstream } from '#gateway/upstream';
import { httpProfile } from '#lib/profiles';
import type { HttpConfig } from '#lib/targets';
import type { Target, TokenParts } from '#warden/targets';
import { proofAtGateway } from '#warden/targets';
import type { Door } from './door';
import { execute } from './execute';
import { inspect } from './inspect';
import { preview } from './preview';

interface Parts {
  readonly tokens: Pick<TokenParts, 'mintForGateway' | 'introspect'>;
  readonly upstream: Upstream;
}

/** An HTTP API behind the gateway. Nothing of a grant lives at the provider: the gateway lets it pass, or no longer. */
export function httpTarget({ tokens, upstream }: Parts, config: HttpConfig): Target {
  const door: Door = { config, upstream, profile: httpProfile(config.profile) };
  return {
    inspect: () => inspect(door),
    preview: (ask) => preview(door, ask),
    prepare: (grantId) => ({ reference: grantId, secret: '' }),
    mint: (prepared, limits) => tokens.mintForGateway(config, prepared, limits),
    execute: (_prepared, _operation, limits) => execute(door, limits),
    end: async () => [],
    probe: async ({ reference }) => proofAtGateway(reference, await tokens.introspect(reference)),
    orphans: async () => [],
    overstayed: async () => [],
    sweepPreviews: async () => [],
  };
}
