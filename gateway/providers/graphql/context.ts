import type { GraphQLSchema } from 'graphql';
import type { Upstream } from '#gateway/upstream';
import { refuse } from '#lib/core';
import type { GraphqlProfile } from '#lib/profiles';
import type { GraphqlConfig } from '#lib/targets';

/** One provider, as its owner signed it. */
export interface ProviderContext {
  readonly config: GraphqlConfig;
  readonly profile: GraphqlProfile;
  readonly upstream: Upstream;
  /** Null only before it was signed: then nothing can be classified. */
  readonly schema: GraphQLSchema | null;
}

export const schemaOf = ({ schema, config }: ProviderContext): GraphQLSchema =>
  schema ?? refuse('minting_stopped', `There is no schema to classify operations of ${config.name} by.`);
