export { judgeGraphql } from './graphql';
export { type GraphqlCall, isPersistedQuery } from './graphql-call';
export { type GraphqlJudge, graphqlJudge } from './graphql-judge';
export { type HttpCall, judgeHttp } from './http';
export type { Judgement } from './judgement';
export { loadSchema, schemaText } from './schema';
