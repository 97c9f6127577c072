import type { GraphqlProfile } from '../types';
import { railwayMutation } from './mutations';
import { railwayHarmless, railwayNested, railwaySuspicious } from './nested';
import { railwayQuery, railwaySubscription } from './queries';
import { railwayResolvers } from './resolvers';

/** Railway’s public GraphQL API. A token of an account or a workspace goes in as bearer. */
export const railway: GraphqlProfile = {
  kind: 'graphql',
  name: 'railway',
  version: 1,
  title: 'Railway',
  url: 'https://backboard.railway.com/graphql/v2',
  query: railwayQuery,
  mutation: railwayMutation,
  subscription: railwaySubscription,
  nested: railwayNested,
  suspicious: railwaySuspicious,
  harmless: railwayHarmless,
  resolvers: railwayResolvers,
  // Refused without a token that works, and it names what that token reaches.
  test: '{ apiToken { workspaces { id name } } }',
};
