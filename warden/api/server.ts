import type { IncomingMessage, Server } from 'node:http';
import { refuse } from '#lib/core';
import { answer, BODY_TIMES, type BodyTimes, createAgentServer, createPatience } from '#lib/http/wire';
import { type AgentApi, readBody } from './request';
import { findRoute } from './routes';

/** The agents' API at the warden: credentials, introspection, revocation. It has an origin of its own. */
export function createApiServer(
  api: AgentApi,
  { bodyTimes = BODY_TIMES }: { readonly bodyTimes?: BodyTimes } = {},
): Server {
  return createAgentServer({
    ...{ origin: api.origins.agent, patience: createPatience(bodyTimes), log: api.log },
    answer: async (request, response, requestId) => answer(response, requestId, await handle(api, request)),
  });
}

async function handle(api: AgentApi, request: IncomingMessage): Promise<unknown> {
  const { method = '', url: path = '', headers } = request;
  const route = findRoute({ method, path }) ?? refuse('not_found', 'There is nothing here.');
  return route.handle(api, { method, path, headers, body: await readBody(request) }, route.name);
}
