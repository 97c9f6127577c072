export { type Cloud, graphqlUpstream } from './cloud';
export { GITHUB_ANSWERS } from './github-answers';
export { classified, GITHUB_ENDPOINTS } from './github-endpoints';
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
