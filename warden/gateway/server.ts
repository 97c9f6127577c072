import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { refuse } from '#lib/core';
import { requestIdOf } from '#lib/http';
import type { Warden } from '../context';
import { failureLimit } from './limits';
import { answer, refusal } from './reply';
import { type Call, readBody } from './request';
import { findRoute, isHealthPath } from './routes';

/**
 * The agents' door: credentials, introspection, revocation. It has an origin of
 * its own and, to a browser, no face at all: no cookie, no HTML, a sandbox.
 */
export function createGatewayServer(warden: Warden): Server {
  const onFailure = failureLimit();
  const server = createServer(
    { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 20_000 },
    (request, response) => {
      serve(warden, request, response, onFailure).catch((error: unknown) => {
        warden.log.error({ err: error }, 'a call could not be answered');
        response.destroy();
      });
    },
  );
  return server;
}

async function serve(
  warden: Warden,
  request: IncomingMessage,
  response: ServerResponse,
  onFailure: ReturnType<typeof failureLimit>,
): Promise<void> {
  const remote = request.socket.remoteAddress ?? '';
  const id = requestIdOf(new Headers({ traceparent: String(request.headers['traceparent'] ?? '') }));
  try {
    answer(response, id, await handle(warden, request));
  } catch (error) {
    // Whoever hung up is told nothing.
    if (response.destroyed) return;
    refusal(response, id, await onFailure(remote, error));
    request.resume();
  }
}

async function handle(warden: Warden, request: IncomingMessage): Promise<unknown> {
  const method = request.method ?? '';
  const path = request.url ?? '';
  if (!isHealthPath(path)) refuseOtherHost(request, warden.origins.gateway);
  const route = findRoute({ method, path }) ?? refuse('not_found', 'There is nothing here.');
  const call: Call = {
    method,
    path,
    headers: request.headers,
    body: await readBody(request),
  };
  return route.handle(warden, call, route.name);
}

/** A name that is not ours is somebody's DNS trick (T57) or a wrong proxy. */
function refuseOtherHost(request: IncomingMessage, origin: string): void {
  if (request.headers.host !== new URL(origin).host)
    refuse('invalid_request', `This server answers at ${origin} only.`);
}
