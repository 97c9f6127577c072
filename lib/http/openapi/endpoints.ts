import { z } from 'zod';
import { FileRequest } from '#lib/filing';
import { AgentResource, GrantResource, PageQuery, RequestResource, TargetResource } from '#lib/http/rest';
import { AGENT_ENDPOINTS } from './agent-endpoints';
import type { Endpoint } from './endpoint';
import { FILING_EXAMPLES } from './examples';
import { GATEWAY_CALLS } from './gateway-calls';

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
/** What an agent calls, at web, at the warden and at the gateway. */
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
    examples: FILING_EXAMPLES,
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
      'With `Prefer: wait=N` the answer comes as soon as an undecided request changes. Loop until state is not pending.',
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
  ...AGENT_ENDPOINTS,
  ...GATEWAY_CALLS,
];
