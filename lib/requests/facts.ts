import type { Request } from '#lib/db';
import { type Ask, Operation } from '#lib/targets';
import type { FileRequest } from './schema';

/** What a stored request asks for, its JSON parsed. Throws where the row holds what no filing could have put there. */
export const askOf = (request: Pick<Request, 'resources' | 'verbs' | 'ttlSeconds' | 'maxUses' | 'operation'>): Ask => ({
  resources: request.resources,
  verbs: request.verbs,
  ttlSeconds: request.ttlSeconds,
  maxUses: request.maxUses,
  operation: request.operation === null ? null : Operation.parse(request.operation),
});

/** What a filing asks for. */
export const askIn = (body: FileRequest): Ask => ({
  resources: body.resources,
  verbs: body.verbs,
  ttlSeconds: body.ttlSeconds,
  maxUses: body.maxUses ?? null,
  operation: body.operation ?? null,
});

/** The ids an audit event about a request carries. */
export const subjectOf = (request: Pick<Request, 'id' | 'agentId' | 'targetId'>) => ({
  requestId: request.id,
  agentId: request.agentId,
  targetId: request.targetId,
});
