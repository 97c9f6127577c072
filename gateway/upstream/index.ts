export { inertType } from './headers';
export { type Bounds, openUpstream, type Upstream } from './upstream';
export { createUpstreams, type Upstreams } from './upstreams';
