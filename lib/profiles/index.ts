export { classesOf, classOfUnnamed, classOfUnnamedPath, type Pair, pairsOf, UNNAMED } from './pairs';
export {
  GRAPHQL_PROFILES,
  graphqlProfile,
  HTTP_PROFILES,
  httpProfile,
  profileHash,
  profileOf,
} from './registry';
export { isUpstreamResource, type Scope, scopeCovers, scopeOf, worstClass } from './scope';
export {
  type Act,
  type FactRule,
  type GraphqlProfile,
  type HttpProfile,
  type HttpRule,
  OPERATION_CLASSES,
  type OperationClass,
  type Profile,
  type Resolver,
  type Rule,
  type Step,
} from './types';
