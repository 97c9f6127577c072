export { type Cloud, graphqlUpstream } from './cloud';
export {
  fieldVerdict,
  follow,
  KINDS,
  present,
  type RootKind,
  railwaySchema,
  reachable,
  rootsOf,
  type Shape,
  shapeOf,
  VECTOR,
} from './profiles';
export type { CastUpstream } from './provider';
export { addUpstream, graphqlConfig, httpConfig, httpUpstream } from './upstreams';
