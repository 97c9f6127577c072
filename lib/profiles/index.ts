export { OPERATION_CLASSES, type OperationClass, worstClass } from './classes';
export { classesOf, classOfUnnamed, classOfUnnamedPath, type Pair, pairsOf, UNNAMED } from './pairs';
export {
  GRAPHQL_PROFILES,
  graphqlProfile,
  HTTP_PROFILES,
  httpProfile,
  profileHash,
  profileOf,
} from './registry';
export { isUpstreamResource } from './resource';
export { type Scope, scopeCovers, scopeOf } from './scope';
export type {
  Act,
  FactRule,
  GraphqlProfile,
  HttpProfile,
  HttpRule,
  Profile,
  Resolver,
  Rule,
  Step,
} from './types';
