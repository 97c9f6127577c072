import type { Request } from '#lib/db';
import { type Ask, Operation } from '#lib/targets';
import type { FileRequest } from './schema';

/** Reads what a stored request asks for. Throws where its operation is none that `fileRequest` could have stored. */
export const askOf = (request: Pick<Request, 'resources' | 'verbs' | 'ttlSeconds' | 'maxUses' | 'operation'>): Ask => ({
  resources: request.resources,
  verbs: request.verbs,
  ttlSeconds: request.ttlSeconds,
  maxUses: request.maxUses,
  operation: request.operation === null ? null : Operation.parse(request.operation),
});

export const askIn = (body: FileRequest): Ask => ({
  resources: body.resources,
  verbs: body.verbs,
  ttlSeconds: body.ttlSeconds,
  maxUses: body.maxUses ?? null,
  operation: body.operation ?? null,
});

/** The ids that an audit event about a request carries. */
export const subjectOf = (request: Pick<Request, 'id' | 'agentId' | 'targetId'>) => ({
  requestId: request.id,
  agentId: request.agentId,
  targetId: request.targetId,
});
