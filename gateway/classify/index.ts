export type { Judgement } from './classification';
export { isPersistedQuery } from './graphql/call';
export { type GraphqlJudge, graphqlJudge } from './graphql/classifier';
export { judgeGraphql } from './graphql/classify';
export { loadSchema, schemaText } from './graphql/schema';
export { judgeHttp } from './http/classify';
