export type { Classification } from './classification';
export { isPersistedQuery } from './graphql/call';
export { type GraphqlClassifier, graphqlClassifier } from './graphql/classifier';
export { classifyGraphql } from './graphql/classify';
export { loadSchema, schemaText } from './graphql/schema';
export { classifyHttp } from './http/classify';
