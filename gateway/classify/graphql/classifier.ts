import type { GraphQLSchema } from 'graphql';
import type { GraphqlProfile } from '#lib/profiles';
import type { Classification, OwnerOverrides } from '../classification';
import { lru } from '../lru';
import { type CallParts, readGraphqlCall } from './call';
import { classifyGraphql } from './classify';

/** Classifies calls to one target. Throws as `readGraphqlCall` and `classifyGraphql` do. */
export type GraphqlClassifier = (parts: CallParts) => Classification;

/** A classification is many times its text: only a few are kept, and none that is large (T68). */
const KEPT = 200;
const MAX_KEPT_LENGTH = 2_000;
const MAX_KEPT_ACTS = 200;

/** The same bytes are the same call: what was classified once is not classified again. */
export function graphqlClassifier(
  rules: OwnerOverrides & { readonly profile: GraphqlProfile; readonly schema: GraphQLSchema },
): GraphqlClassifier {
  const classifications = lru<Classification>(KEPT);
  return (parts) => {
    const key = JSON.stringify([parts.method, parts.contentType, parts.search]) + parts.body;
    const known = classifications.get(key);
    if (known !== undefined) return known;
    const classification = classifyGraphql({ ...rules, call: readGraphqlCall(parts) });
    if (key.length <= MAX_KEPT_LENGTH && classification.acts.length <= MAX_KEPT_ACTS)
      classifications.set(key, classification);
    return classification;
  };
}
