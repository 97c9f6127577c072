export { inertType } from './headers';
export type { Upstream } from './upstream';
export { createUpstreams, type Upstreams } from './upstreams';
