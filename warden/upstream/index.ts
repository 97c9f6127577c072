export type { UpstreamAnswer } from './buffered';
export type { UpstreamCall } from './exchange';
export { inertType } from './heads';
export type { Upstream } from './upstream';
export { createUpstreams, type Upstreams } from './upstreams';
