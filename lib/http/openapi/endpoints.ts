import { z } from 'zod';
import type { ErrorCode } from '#lib/core';
import { FileRequest } from '#lib/requests';
import { PageQuery } from '../v1/pages';
import { AgentResource, GrantResource, RequestResource, TargetResource } from '../v1/resources';
import { Collected, Introspection, JwkSet, TokenForm } from './gateway-schemas';

/** One documented call. */
export interface Endpoint {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly server: 'web' | 'gateway';
  readonly summary: string;
  readonly description?: string;
  readonly headers?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** `application/json` unless said. */
  readonly bodyType?: string;
  readonly status?: number;
  readonly answer?: z.ZodType;
  readonly problems: readonly ErrorCode[];
  /** No token needed. */
  readonly open?: boolean;
}

const listOf = (item: z.ZodType) =>
  z.strictObject({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'Cursor of the next page, or null.' }),
  });

const Wait = z.object({
  Prefer: z
    .string()
    .optional()
    .meta({ description: '`wait=N`: answer when it changes, or after N seconds, at most 120.', examples: ['wait=60'] }),
  'If-None-Match': z
    .string()
    .optional()
    .meta({ description: 'The ETag you have. 304 where it is still that; with `Prefer: wait`, waits for another.' }),
});
const Idempotency = z.object({
  'Idempotency-Key': z
    .string()
    .max(255)
    .optional()
    .meta({ description: 'Same key and same body: the same request, filed once.' }),
});
const IfMatch = z.object({
  'If-Match': z.string().optional().meta({ description: 'The ETag you have seen; 412 where it has changed.' }),
});
const Dpop = z.object({
  DPoP: z.string().optional().meta({ description: 'RFC 9449 proof, where the agent has a key.' }),
});

/** What an agent calls, at web and at the gateway. */
export const ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'get',
    path: '/api/v1/me',
    server: 'web',
    summary: 'Which agent am I?',
    answer: AgentResource,
    problems: [],
  },
  {
    method: 'get',
    path: '/api/v1/targets',
    server: 'web',
    summary: 'What may I ask for?',
    answer: z.strictObject({ items: z.array(TargetResource) }),
    problems: [],
  },
  {
    method: 'post',
    path: '/api/v1/requests',
    server: 'web',
    summary: 'File a request',
    description:
      'Asks people for power. Nothing is granted by filing. Asking again for what you already wait for is a conflict that names the open request.',
    headers: Idempotency,
    body: FileRequest,
    status: 201,
    answer: RequestResource,
    problems: [
      'invalid_json',
      'invalid_request',
      'unsupported_media_type',
      'body_too_large',
      'conflict',
      'idempotency_mismatch',
    ],
  },
  {
    method: 'get',
    path: '/api/v1/requests',
    server: 'web',
    summary: 'List my requests, newest first',
    query: PageQuery,
    answer: listOf(RequestResource),
    problems: ['invalid_request'],
  },
  {
    method: 'get',
    path: '/api/v1/requests/{id}',
    server: 'web',
    summary: 'Read a request, or wait for its decision',
    description:
      'With `Prefer: wait=N` the answer comes as soon as an undecided request changes. Loop until state is not preparing or pending.',
    headers: Wait,
    answer: RequestResource,
    problems: ['not_found'],
  },
  {
    method: 'post',
    path: '/api/v1/requests/{id}/cancel',
    server: 'web',
    summary: 'Take an undecided request back',
    headers: IfMatch,
    answer: RequestResource,
    problems: ['not_found', 'already_decided', 'precondition_failed'],
  },
  {
    method: 'get',
    path: '/api/v1/grants',
    server: 'web',
    summary: 'List my grants, newest first',
    query: PageQuery,
    answer: listOf(GrantResource),
    problems: ['invalid_request'],
  },
  {
    method: 'get',
    path: '/api/v1/grants/{id}',
    server: 'web',
    summary: 'Read a grant, or wait for it to change',
    headers: Wait,
    answer: GrantResource,
    problems: ['not_found'],
  },
  {
    method: 'post',
    path: '/api/v1/grants/{id}/return',
    server: 'web',
    summary: 'Hand a grant back early',
    description: 'Ends it now. Saying it twice is saying it once. Wait on the grant to see it proven dead.',
    answer: GrantResource,
    problems: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/grants/{id}/credential',
    server: 'gateway',
    summary: 'Collect what was approved, once',
    description:
      'Hands out the credential, or runs the exact operation and hands out its result. No body. The clock of the grant starts here.',
    headers: Dpop,
    answer: Collected,
    problems: [
      'proof_required',
      'not_found',
      'statement_refused',
      'already_decided',
      'conflict',
      'gone',
      'target_unreachable',
      'minting_stopped',
    ],
  },
  {
    method: 'post',
    path: '/v1/targets/{name}/rest',
    server: 'gateway',
    summary: 'Collect a credential that only reads',
    description: 'Where an owner allowed it (see `rest` of the target). No body.',
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
