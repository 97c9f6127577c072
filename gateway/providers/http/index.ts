import { httpProfile } from '#lib/profiles';
import type { HttpConfig } from '#lib/targets';
import type { Provider, ProviderParts } from '../provider';
import type { Door } from './door';
import { execute } from './execute';
import { inspect } from './inspect';
import { finding } from './preview';

/** An HTTP API. Nothing of a grant lives there: the gateway lets it pass, or no longer. */
export function httpProvider({ upstream }: Pick<ProviderParts, 'upstream'>, config: HttpConfig): Provider {
  const door: Door = { config, upstream, profile: httpProfile(config.profile) };
  return {
    inspect: () => inspect(door),
    look: (ask) => finding(door, ask),
    execute: (approved) => execute(door, approved),
  };
}
