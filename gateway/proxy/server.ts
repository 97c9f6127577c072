import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Callers } from '#gateway/callers';
import { refuse } from '#lib/core';
import { openApiDocument } from '#lib/http/openapi';
import { answer, createAgentServer, type Patience } from '#lib/http/wire';
import type { Gateway } from '../context';
import type { Forward } from './forward';

/**
 * The agents' door to their providers: calls that are classified and passed on, and
 * a proxy's question about one. It has an origin of its own.
 */
export function createGatewayServer(
  gateway: Gateway,
  parts: { readonly callers: Callers; readonly forward: Forward; readonly patience: Patience },
): Server {
  const { callers, forward, patience } = parts;
  const { log, origins } = gateway;
  // Made once: whoever asks for it needs no token, and making it is work.
  const document = openApiDocument('gateway', origins.gateway);
  return createAgentServer({
    ...{ origin: origins.gateway, patience, log },
    async answer(request, response, requestId) {
      const handler = handlerOf(forward, request.url ?? '');
      if (handler !== null) return handler(request, response, requestId);
      answer(response, requestId, own({ ...gateway, document }, request));
    },
    headersOnRefusal: ({ url = '' }) => (handlerOf(forward, url) === null ? NONE : { 'dpop-nonce': callers.nonce() }),
  });
}

const NONE = {};

/** The two places where a provider's calls are classified; null for what else is here. */
function handlerOf(
  forward: Forward,
  url: string,
): ((request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>) | null {
  if (url.startsWith('/t/')) return forward.handle;
  return url.startsWith('/v1/authorize/') ? forward.authorize : null;
}

function own(gateway: Gateway & { readonly document: object }, { method = '', url = '' }: IncomingMessage): unknown {
  if (method === 'GET' && url === '/livez') return { live: true };
  if (method === 'GET' && url === '/readyz') return ready(gateway);
  if (method === 'GET' && url === '/openapi.json') return gateway.document;
  if (MOVED.test(url))
    refuse('not_found', `This moved to the warden: ${method} ${gateway.origins.agent}${url.split('?', 1)[0]}`);
  return refuse('not_found', 'There is nothing here.');
}

/** What agents called here before the gateway was a process of its own. */
const MOVED = /^\/(?:v1\/(?:grants|targets|introspect|revoke)|\.well-known\/jwks\.json)(?:[/?]|$)/;

/** What is above rest needs a head this fresh; a copy without one lets nothing pass. */
const READY_SECONDS = 2;

function ready({ head, listener }: Gateway): { readonly ready: true } {
  if (head.state() === null || head.ageSeconds() > READY_SECONDS || !listener.connected())
    refuse('unavailable', 'Not ready.');
  return { ready: true };
}
