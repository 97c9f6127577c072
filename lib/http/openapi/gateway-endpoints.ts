import type { Endpoint } from './endpoint';
import { Challenge, Dpop, GATEWAY_CALLS } from './gateway-calls';
import { Collected, Introspection, JwkSet, TokenForm } from './gateway-schemas';

/** What an agent and its clients call at the gateway. */
export const GATEWAY_ENDPOINTS: readonly Endpoint[] = [
  ...GATEWAY_CALLS,
  {
    method: 'post',
    path: '/v1/grants/{id}/credential',
    server: 'gateway',
    summary: 'Collect what was approved, once',
    description:
      'Hands out the credential, or runs the exact operation and hands out its result. No body. The clock of the grant starts here. An exact operation is looked at again first: where the world is not the one that was approved it is a `conflict`, and nothing was run.',
    headers: Dpop,
    answer: Collected,
    proofHeaders: Challenge,
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
    proofHeaders: Challenge,
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
