import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import type { Endpoint } from './endpoint';

/** What a caller shows, as OpenAPI names it. */
export const SCHEMES = {
  askToken: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An agent’s ask token, `cs_ask_…`. It asks and reads; where the agent has a key, a proof beside it collects. It approves nothing, ever.',
  },
  collectSecret: {
    type: 'http',
    scheme: 'bearer',
    description:
      'What an agent without a key collects with, `cs_col_…`. Send it to the warden alone: no other process takes it.',
  },
  serviceToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A service’s token, `cs_svc_…`. It asks whether tokens made for that service are good.',
  },
  proof: {
    type: 'apiKey',
    in: 'header',
    name: 'DPoP',
    description: 'RFC 9449: where the agent has a key, a proof of it, made for this one call with our nonce.',
  },
} as const;

type Scheme = keyof typeof SCHEMES;

/** One way to be let in after another; several schemes in one are shown together. */
export function securityOf({
  open,
  forServices,
  headers,
  server,
  keyed = false,
}: Endpoint): NonNullable<RouteConfig['security']> {
  if (open) return [];
  const proven = headers !== undefined && 'DPoP' in headers.shape;
  const collected = server === 'agent' && proven;
  return [
    ...(collected ? [] : [{ askToken: [] }]),
    ...(server === 'agent' && !keyed ? [{ collectSecret: [] }] : []),
    ...(proven ? [{ askToken: [], proof: [] }] : []),
    ...(forServices ? [{ serviceToken: [] }] : []),
  ];
}

/** Those that any of these calls takes. */
export function schemesOf(endpoints: readonly Endpoint[]): readonly Scheme[] {
  const used = new Set(endpoints.flatMap(securityOf).flatMap((way) => Object.keys(way)));
  return (Object.keys(SCHEMES) as Scheme[]).filter((name) => used.has(name));
}
