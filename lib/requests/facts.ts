import type { Request } from '#lib/db';
import { type Ask, Operation } from '#lib/targets';

/** Reads what a stored request asks for. Throws where its operation is none that `fileRequest` could have stored. */
export const askOf = (request: Pick<Request, 'resources' | 'verbs' | 'ttlSeconds' | 'maxUses' | 'operation'>): Ask => ({
  resources: request.resources,
  verbs: request.verbs,
  ttlSeconds: request.ttlSeconds,
  maxUses: request.maxUses,
  operation: request.operation === null ? null : Operation.parse(request.operation),
});
