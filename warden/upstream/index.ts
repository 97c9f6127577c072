export { inertType } from './heads';
export type { Upstream, UpstreamAnswer, UpstreamCall } from './upstream';
export { createUpstreams, type Upstreams } from './upstreams';
