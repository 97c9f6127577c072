export type { Judgement } from './classification';
export { judgeGraphql } from './graphql';
export { isPersistedQuery } from './graphql-call';
export { type GraphqlJudge, graphqlJudge } from './graphql-classifier';
export { judgeHttp } from './http';
export { loadSchema, schemaText } from './schema';
