import { z } from 'zod';
import {
  COLLECTED_EXAMPLES,
  GRANT_EXAMPLES,
  INTROSPECTION_EXAMPLES,
  JWKS_EXAMPLES,
  RENEWED_EXAMPLES,
  TOKEN_EXAMPLES,
} from './agent-examples';
import type { Endpoint } from './endpoint';
import { Challenge, Dpop } from './gateway-calls';
import { CollectableGrant, Collected, Introspection, JwkSet, RenewedToken, TokenForm } from './gateway-schemas';

const GRANTS: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/v1/grants/{id}/credential',
    server: 'agent',
    summary: 'Collect what was approved, once',
    description:
      'Hands out the credential, or has the exact operation run and hands out its result. No body. The clock of the grant starts here. An exact operation is looked at again first: where the world is not the one that was approved it is a `conflict`, and nothing was run.',
    headers: Dpop,
    answer: Collected,
    answerExamples: COLLECTED_EXAMPLES,
    proofHeaders: Challenge,
    problems: [
      'invalid_json',
      'invalid_request',
      'unsupported_media_type',
      'body_too_large',
      'proof_required',
      'forbidden',
      'not_allowed',
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
    method: 'get',
    path: '/v1/grants/{id}',
    server: 'agent',
    summary: 'Read a grant',
    description:
      'As it is now, with the result of an exact operation whose answer was lost. To wait for a change, read it at web. Either secret, without a proof.',
    answer: CollectableGrant,
    answerExamples: GRANT_EXAMPLES,
    problems: ['invalid_request', 'not_found'],
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
    answerExamples: { credential: COLLECTED_EXAMPLES['postgres'] },
    proofHeaders: Challenge,
    problems: [
      'invalid_json',
      'invalid_request',
      'unsupported_media_type',
      'body_too_large',
      'proof_required',
      'forbidden',
      'not_allowed',
      'not_found',
      'gone',
      'target_refused',
      'target_unreachable',
      'minting_stopped',
    ],
  },
];

const TOKENS: readonly Endpoint[] = [
  {
    method: 'post',
    path: '/v1/me/token',
    server: 'agent',
    summary: 'Take a new ask token, with your own key',
    description:
      'For agents with a key; others are given new secrets by a person. No body. The nonce of the first 401 is the hash of a statement: the proof that holds it signs for the new token. The old one goes on for two hours, and the new one lasts as long as a person signed for. What you asked is denied and what you hold ends: renew when you are idle, before `expiresAt` of `/api/v1/me`, and not within an hour of the last time.',
    headers: Dpop,
    answer: RenewedToken,
    answerExamples: RENEWED_EXAMPLES,
    proofHeaders: Challenge,
    keyed: true,
    problems: [
      'invalid_json',
      'invalid_request',
      'unsupported_media_type',
      'body_too_large',
      'proof_required',
      'forbidden',
      'not_allowed',
      'draft_stale',
      'minting_stopped',
    ],
  },
  {
    method: 'get',
    path: '/.well-known/jwks.json',
    server: 'agent',
    summary: 'Keys that tokens are signed with',
    answer: JwkSet,
    answerExamples: JWKS_EXAMPLES,
    open: true,
    problems: ['invalid_request'],
  },
  {
    method: 'post',
    path: '/v1/introspect',
    server: 'agent',
    summary: 'Is this token good? (RFC 7662)',
    description:
      'For services, with their `cs_svc_…` token, and for agents about their own tokens. A service’s call counts as one use. Everything unknown, ended, spent or another’s is `{"active":false}`.',
    body: TokenForm,
    bodyTypes: ['application/x-www-form-urlencoded', 'application/json'],
    examples: { token: TOKEN_EXAMPLES['token'] },
    answer: Introspection,
    answerExamples: INTROSPECTION_EXAMPLES,
    forServices: true,
    problems: ['invalid_json', 'invalid_request', 'unsupported_media_type', 'body_too_large', 'minting_stopped'],
  },
  {
    method: 'post',
    path: '/v1/revoke',
    server: 'agent',
    summary: 'Give a token or grant back (RFC 7009)',
    description: 'The answer is the same for a token that is not yours, and nothing happens to that one.',
    body: TokenForm,
    bodyTypes: ['application/x-www-form-urlencoded', 'application/json'],
    examples: TOKEN_EXAMPLES,
    answer: z.strictObject({}),
    problems: ['invalid_json', 'invalid_request', 'unsupported_media_type', 'body_too_large'],
  },
];

const ABOUT_THE_SERVER: readonly Endpoint[] = [
  {
    method: 'get',
    path: '/openapi.json',
    server: 'agent',
    summary: 'This document',
    answer: z.record(z.string(), z.unknown()),
    open: true,
    problems: ['invalid_request'],
  },
  {
    method: 'get',
    path: '/livez',
    server: 'agent',
    summary: 'Does the process run?',
    answer: z.strictObject({ live: z.literal(true) }),
    open: true,
    problems: ['invalid_request'],
  },
  {
    method: 'get',
    path: '/readyz',
    server: 'agent',
    summary: 'Can it collect?',
    description: 'The database answers, its notices come through, and the record of who may decide holds.',
    answer: z.strictObject({ ready: z.literal(true) }),
    open: true,
    problems: ['invalid_request', 'unavailable'],
  },
];

/** What an agent, and a service that was given a token, call at the warden. */
export const AGENT_ENDPOINTS: readonly Endpoint[] = [...GRANTS, ...TOKENS, ...ABOUT_THE_SERVER];
