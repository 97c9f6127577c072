import type { HttpProfile } from '#lib/profiles';
import type { HttpConfig } from '#lib/targets';
import type { Upstream } from '#warden/upstream';

/** One provider, as its owner signed it. */
export interface Door {
  readonly config: HttpConfig;
  readonly profile: HttpProfile;
  readonly upstream: Upstream;
}
