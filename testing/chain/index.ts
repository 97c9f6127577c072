export { admitted, type Body, begun, type Cast, cast, rowOf, statementOf } from './chain';
