import { graphqlProfile } from '#lib/profiles';
import type { GraphqlConfig } from '#lib/targets';
import type { Provider, ProviderParts } from '../provider';
import { classifyAsk } from './classify';
import type { ProviderContext } from './context';
import { execute } from './execute';
import { inspect } from './inspect';
import { finding } from './preview';

/** A GraphQL API. Nothing of a grant lives there: the gateway lets it pass, or no longer. */
export function graphqlProvider({ upstream, schema }: ProviderParts, config: GraphqlConfig): Provider {
  const context: ProviderContext = { config, upstream, schema, profile: graphqlProfile(config.profile) };
  return {
    inspect: () => inspect(context),
    check: (ask) => {
      if (ask.operation !== null) classifyAsk(context, ask);
    },
    look: (ask) => finding(context, ask),
    execute: (approved) => execute(context, approved),
  };
}
