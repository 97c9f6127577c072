import { z } from 'zod';
import type { Endpoint } from './endpoint';
import { Collected, Introspection, JwkSet, TokenForm } from './gateway-schemas';

const Dpop = z.object({
  DPoP: z.string().optional().meta({ description: 'RFC 9449 proof, where the agent has a key.' }),
});

const Held = z.object({
  ...Dpop.shape,
  Prefer: z
    .string()
    .optional()
    .meta({
      description:
        '`wait=N`: where a person is needed, hold the call open for at most N seconds (900). A request is filed for exactly this call; closing the connection cancels it. If a person approves, it runs once and the answer is the provider’s.',
      examples: ['wait=300'],
    }),
});

const Passed = z.unknown().meta({ description: 'The provider’s own answer, its secret taken out.' });

const THROUGH = [
  'invalid_json',
  'invalid_request',
  'unsupported_media_type',
  'body_too_large',
  'proof_required',
  'elevation_required',
  'not_allowed',
  'not_found',
  'gone',
  'target_unreachable',
  'target_refused',
  'minting_stopped',
] as const;

/** What an agent and its clients call at the gateway. */
export const GATEWAY_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/t/{target}',
    server: 'gateway',
    summary: 'Call a provider: GraphQL',
    description:
      'Point an ordinary client here, with your ask token (or a grant’s token) as its bearer token. One operation a call, as JSON. What is safe passes at rest where an owner allowed it; what your grant covers passes and is counted; everything else is refused with `elevation_required`, which carries the ready-made request.',
    headers: Held,
    body: z.object({
      query: z.string(),
      operationName: z.string().nullable().optional(),
      variables: z.record(z.string(), z.unknown()).nullable().optional(),
    }),
    answer: Passed,
    problems: THROUGH,
  },
  {
    method: 'get',
    path: '/t/{target}/{path}',
    server: 'gateway',
    summary: 'Call a provider: HTTP',
    description:
      'GET, HEAD, POST, PUT, PATCH and DELETE, with the provider’s own path and query behind `/t/{target}`. The same rules as for GraphQL: judged by method and path, and what no profile names is a write.',
    headers: Held,
    answer: Passed,
    answerType: '*/*',
    problems: THROUGH,
  },
  {
    method: 'get',
    path: '/v1/authorize/{target}',
    server: 'gateway',
    summary: 'May this call pass? For a proxy of your own',
    description:
      'For nginx `auth_request`, Caddy `forward_auth` and Traefik: 204 where `/t/{target}` would let the call pass, and its refusal where not; nothing is sent on. HTTP targets only. The proxy names the call in `X-Original-Method` and `X-Original-URI`, or in `X-Forwarded-Method` and `X-Forwarded-Uri`: one pair, whole. It is believed only from an address in `FORWARD_AUTH_PROXIES`; to everybody else there is nothing here. A 204 counts as a use of a counted grant. A DPoP proof is made for the address `/t/{target}` and the path behind it.',
    headers: z.object({
      ...Dpop.shape,
      'X-Original-Method': z.string().optional(),
      'X-Original-URI': z.string().optional(),
      'X-Forwarded-Method': z.string().optional(),
      'X-Forwarded-Uri': z.string().optional(),
    }),
    problems: ['invalid_request', 'proof_required', 'elevation_required', 'not_found', 'gone', 'minting_stopped'],
  },
  {
    method: 'post',
    path: '/v1/grants/{id}/credential',
    server: 'gateway',
    summary: 'Collect what was approved, once',
    description:
      'Hands out the credential, or runs the exact operation and hands out its result. No body. The clock of the grant starts here. An exact operation is looked at again first: where the world is not the one that was approved it is a `conflict`, and nothing was run.',
    headers: Dpop,
    answer: Collected,
    problems: [
      'proof_required',
      'not_found',
      'statement_refused',
      'already_decided',
      'conflict',
      'gone',
      'target_refused',
      'target_unreachable',
      'minting_stopped',
    ],
  },
  {
    method: 'post',
    path: '/v1/targets/{name}/rest',
    server: 'gateway',
    summary: 'Collect a credential that only reads',
    description:
      'Where an owner allowed it (see `rest` of the target). No body. A target behind the gateway has none: read through `/t/{target}`.',
    headers: Dpop,
    answer: Collected,
    problems: ['proof_required', 'not_found', 'not_allowed', 'target_unreachable', 'minting_stopped'],
  },
  {
    method: 'get',
    path: '/.well-known/jwks.json',
    server: 'gateway',
    summary: 'Keys that tokens are signed with',
    answer: JwkSet,
    open: true,
    problems: [],
  },
  {
    method: 'post',
    path: '/v1/introspect',
    server: 'gateway',
    summary: 'Is this token good? (RFC 7662)',
    description:
      'For services, with their `cs_svc_…` token, and for agents about their own tokens. A service’s call counts as one use.',
    body: TokenForm,
    bodyType: 'application/x-www-form-urlencoded',
    answer: Introspection,
    problems: ['invalid_request'],
  },
  {
    method: 'post',
    path: '/v1/revoke',
    server: 'gateway',
    summary: 'Give a token or grant back (RFC 7009)',
    body: TokenForm,
    bodyType: 'application/x-www-form-urlencoded',
    problems: ['invalid_request'],
  },
];
