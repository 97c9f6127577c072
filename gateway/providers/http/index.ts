import { httpProfile } from '#lib/profiles';
import type { HttpConfig } from '#lib/targets';
import type { Provider, ProviderParts } from '../provider';
import { classifyAsk } from './classify';
import type { ProviderContext } from './context';
import { execute } from './execute';
import { inspect } from './inspect';
import { finding } from './preview';

/** An HTTP API. Nothing of a grant lives there: the gateway lets it pass, or no longer. */
export function httpProvider({ upstream }: Pick<ProviderParts, 'upstream'>, config: HttpConfig): Provider {
  const context: ProviderContext = { config, upstream, profile: httpProfile(config.profile) };
  return {
    inspect: () => inspect(context),
    check: (ask) => {
      if (ask.operation !== null) classifyAsk(context, ask);
    },
    look: (ask) => finding(context, ask),
    execute: (approved) => execute(context, approved),
  };
}
