export { inertType } from './headers';
export type { Bounds, Upstream } from './upstream';
export { createUpstreams, type Upstreams } from './upstreams';
