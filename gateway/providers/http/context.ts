import type { Upstream } from '#gateway/upstream';
import type { HttpProfile } from '#lib/profiles';
import type { HttpConfig } from '#lib/targets';

/** One provider, as its owner signed it. */
export interface ProviderContext {
  readonly config: HttpConfig;
  readonly profile: HttpProfile;
  readonly upstream: Upstream;
}
