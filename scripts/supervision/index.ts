export { type ChildSpec, type Program, type Supervised, supervise } from './child';
export { type ClusterKeeper, keepCluster } from './keeper';
