import type { GraphQLSchema } from 'graphql';
import type { GraphqlProfile } from '#lib/profiles';
import type { Judgement, OwnersWord } from '../classification';
import { lru } from '../lru';
import { type CallParts, readGraphqlCall } from './call';
import { judgeGraphql } from './classify';

/** Judges calls to one target. Throws as `readGraphqlCall` and `judgeGraphql` do. */
export type GraphqlJudge = (parts: CallParts) => Judgement;

/** A judgement is many times its text: only a few are kept, and none that is large (T68). */
const KEPT = 200;
const MAX_KEPT_LENGTH = 2_000;
const MAX_KEPT_ACTS = 200;

/** The same bytes are the same call: what was judged once is not judged again. */
export function graphqlJudge(
  rules: OwnersWord & { readonly profile: GraphqlProfile; readonly schema: GraphQLSchema },
): GraphqlJudge {
  const judgements = lru<Judgement>(KEPT);
  return (parts) => {
    const key = JSON.stringify([parts.method, parts.contentType, parts.search]) + parts.body;
    const known = judgements.get(key);
    if (known !== undefined) return known;
    const judgement = judgeGraphql({ ...rules, call: readGraphqlCall(parts) });
    if (key.length <= MAX_KEPT_LENGTH && judgement.acts.length <= MAX_KEPT_ACTS) judgements.set(key, judgement);
    return judgement;
  };
}
