import { z } from 'zod';
import type { Endpoint } from './endpoint';

/** RFC 9449. */
export const Dpop = z.object({
  DPoP: z.string().optional().meta({ description: 'RFC 9449 proof, where the agent has a key.' }),
});

const Held = z.object({
  ...Dpop.shape,
  Prefer: z
    .string()
    .optional()
    .meta({
      description:
        '`wait=N`: where a person is needed, hold the call open for at most N seconds (900). A request is filed for exactly this call and stays open, whoever hangs up: the same call sent again joins it. If a person approves, it runs once and the answer is the provider’s. An agent may hold 5 calls at a time and begin 10 a minute.',
      examples: ['wait=300'],
    }),
  'Countersign-Reason': z
    .string()
    .max(2_000)
    .optional()
    .meta({ description: 'Why, in your own words, for the person who decides about a held call.' }),
});

const Nonce = z.object({
  'DPoP-Nonce': z
    .string()
    .optional()
    .meta({ description: 'RFC 9449 §8: put it into your next proof. Here a proof without one of ours is refused.' }),
});

export const Challenge = z.object({
  ...Nonce.shape,
  'WWW-Authenticate': z.string().optional().meta({
    description:
      '`DPoP error="use_dpop_nonce"`: send the same call again, with a proof that has the nonce of this answer.',
  }),
});

const Answered = z.object({
  ...Nonce.shape,
  'Preference-Applied': z.string().optional().meta({ description: '`wait=N`, where the call was held.' }),
  'X-Countersign-Truncated': z
    .literal('true')
    .optional()
    .meta({ description: 'The answer of a held call was longer than 256 KiB, and was cut there.' }),
  'X-Upstream-Request-Id': z.string().optional().meta({ description: 'The provider’s own name for the call.' }),
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
  'statement_refused',
  'not_found',
  'conflict',
  'already_decided',
  'gone',
  'target_unreachable',
  'target_refused',
  'minting_stopped',
] as const;

const through = {
  server: 'gateway',
  headers: Held,
  answer: Passed,
  answerHeaders: Answered,
  problemHeaders: Nonce,
  proofHeaders: Challenge,
  problems: THROUGH,
} as const satisfies Partial<Endpoint>;

const ANY_BODY = z.unknown().meta({ description: 'As the provider wants it, without Content-Encoding.' });

/** One entry a method: OpenAPI knows no “any of them”. */
const HTTP_CALLS: readonly Endpoint[] = (['get', 'head', 'post', 'put', 'patch', 'delete'] as const).map((method) => ({
  ...through,
  method,
  path: '/t/{target}/{path}',
  summary: `Call a provider: HTTP ${method.toUpperCase()}`,
  description:
    'The provider’s own path and query stand behind `/t/{target}`, as many segments as it has. Classified by method and path; what no profile names is a write. What is safe passes at rest where an owner allowed it; what your grant covers passes and is counted; everything else is refused with `elevation_required`, which carries the ready-made request.',
  answerType: '*/*',
  ...(method === 'get' || method === 'head' ? {} : { body: ANY_BODY, bodyTypes: ['*/*'], bodyRequired: false }),
}));

/** Calls that are classified: those that pass through, and a proxy’s question about one. */
export const GATEWAY_CALLS: readonly Endpoint[] = [
  {
    ...through,
    method: 'post',
    path: '/t/{target}',
    summary: 'Call a provider: GraphQL',
    description:
      'Point an ordinary client here, with your ask token (or a grant’s token) as its bearer token. One operation a call, as JSON. What is safe passes at rest where an owner allowed it; what your grant covers passes and is counted; everything else is refused with `elevation_required`, which carries the ready-made request. Every problem here also has `errors`, as GraphQL clients read them.',
    body: z.object({
      query: z.string(),
      operationName: z.string().nullable().optional(),
      variables: z.record(z.string(), z.unknown()).nullable().optional(),
    }),
  },
  ...HTTP_CALLS,
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
    status: 204,
    answerHeaders: z.object({
      'X-Countersign-Agent': z.string().meta({ description: 'Whose call it is: the agent’s id.' }),
      'X-Countersign-Grant': z.string().meta({ description: 'The grant’s id; `none` at rest.' }),
      ...Nonce.shape,
    }),
    problemHeaders: Nonce,
    proofHeaders: Challenge,
    problems: [
      'invalid_request',
      'proof_required',
      'elevation_required',
      'not_allowed',
      'not_found',
      'gone',
      'minting_stopped',
    ],
  },
];
