import type { Endpoint } from './endpoint';
import { Challenge, Dpop } from './gateway-calls';
import { Collected, Introspection, JwkSet, TokenForm } from './gateway-schemas';

/** What an agent, and a service that was given a token, call at the warden. */
export const AGENT_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/v1/grants/{id}/credential',
    server: 'agent',
    summary: 'Collect what was approved, once',
    description:
      'Hands out the credential, or has the exact operation run and hands out its result. No body. The clock of the grant starts here. An exact operation is looked at again first: where the world is not the one that was approved it is a `conflict`, and nothing was run.',
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
    server: 'agent',
    summary: 'Collect a credential that only reads',
    description:
      'Where an owner allowed it (see `rest` of the target). No body. A target behind the gateway has none: read through the gateway’s `/t/{target}`.',
    headers: Dpop,
    answer: Collected,
    proofHeaders: Challenge,
    problems: ['proof_required', 'not_found', 'not_allowed', 'target_unreachable', 'minting_stopped'],
  },
  {
    method: 'get',
    path: '/.well-known/jwks.json',
    server: 'agent',
    summary: 'Keys that tokens are signed with',
    answer: JwkSet,
    open: true,
    problems: [],
  },
  {
    method: 'post',
    path: '/v1/introspect',
    server: 'agent',
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
    server: 'agent',
    summary: 'Give a token or grant back (RFC 7009)',
    body: TokenForm,
    bodyType: 'application/x-www-form-urlencoded',
    problems: ['invalid_request'],
  },
];
