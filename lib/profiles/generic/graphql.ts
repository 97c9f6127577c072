import type { GraphqlProfile } from '../types';

/** Any GraphQL API: nothing is known, so nothing passes at rest but what its owner opens by name. */
export const genericGraphql: GraphqlProfile = {
  kind: 'graphql',
  name: 'generic-graphql',
  version: 1,
  title: 'Any GraphQL API',
  url: null,
  query: {},
  mutation: {},
  subscription: {},
  nested: {},
  suspicious: /token|secret|password|passwd|credential|apikey|privatekey|accesskey|variable|session/i,
  harmless: new Set(),
  resolvers: {},
  test: '{ __typename }',
};
