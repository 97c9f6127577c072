import type { Request } from '#lib/db';

/** The ids an audit event about a request carries. */
export const subjectOf = (request: Pick<Request, 'id' | 'agentId' | 'targetId'>) => ({
  requestId: request.id,
  agentId: request.agentId,
  targetId: request.targetId,
});
