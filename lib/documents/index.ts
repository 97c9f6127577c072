export { FiledOperation, MAX_GRAPHQL_TOKENS, printedGraphql } from './documents';
