import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { refuse } from '#lib/core';
import {
  answer,
  BODY_TIMES,
  type BodyTimes,
  createPatience,
  failureLimit,
  refusal,
  refuseExpectation,
  refuseUnread,
  requestIdFrom,
} from '#lib/http/wire';
import { type AgentApi, type Call, readBody } from './request';
import { findRoute, isHealthPath } from './routes';

/**
 * The agents' API at the warden: credentials, introspection, revocation. It has an
 * origin of its own and, to a browser, no face at all: no cookie, no HTML, a sandbox.
 */
export function createAgentServer(
  api: AgentApi,
  { bodyTimes = BODY_TIMES }: { readonly bodyTimes?: BodyTimes } = {},
): Server {
  const onFailure = failureLimit();
  const patience = createPatience(bodyTimes);
  const { host } = new URL(api.origins.agent);
  const server = createServer(LIMITS, (request, response) => {
    patience.watch(request);
    serve({ api, onFailure, host }, request, response).catch((error: unknown) => {
      api.log.error({ err: error }, 'a call could not be answered');
      response.destroy();
    });
  });
  server.on('clientError', refuseUnread);
  server.on('checkExpectation', refuseExpectation);
  return server;
}

/** A request without a host, and a body that does not come, are refused here and not by node. */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  requestTimeout: 0,
  requireHostHeader: false,
};

interface Parts {
  readonly api: AgentApi;
  readonly onFailure: ReturnType<typeof failureLimit>;
  /** The only name we answer to. */
  readonly host: string;
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const remote = request.socket.remoteAddress ?? '';
  const id = requestIdFrom(request.headers['traceparent']);
  try {
    refuseOddities(request);
    answer(response, id, await handle(parts, request));
  } catch (error) {
    // Whoever hung up is told nothing.
    if (response.destroyed || response.headersSent) return;
    refusal(response, id, await parts.onFailure(remote, error));
    request.resume();
  }
}

async function handle({ api, host }: Parts, request: IncomingMessage): Promise<unknown> {
  const method = request.method ?? '';
  const path = request.url ?? '';
  if (!isHealthPath(path)) refuseOtherHost(request, host);
  const route = findRoute({ method, path }) ?? refuse('not_found', 'There is nothing here.');
  const call: Call = {
    method,
    path,
    headers: request.headers,
    body: await readBody(request),
  };
  return route.handle(api, call, route.name);
}

/** Nothing here changes protocols, and a heading said twice is read by nobody (T51). */
function refuseOddities({ headers, rawHeaders, httpVersionMajor }: IncomingMessage): void {
  if (httpVersionMajor !== 1) refuse('invalid_request', 'This server speaks HTTP/1.1.');
  if (headers.upgrade !== undefined) refuse('invalid_request', 'There is no other protocol here.');
  const coding = headers['transfer-encoding'];
  // Node goes by the last one; who stands before or behind us may go by another.
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    refuse('invalid_request', 'The only transfer coding here is chunked.');
  const once = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (ONCE.has(name) && once.has(name)) refuse('invalid_request', `The header ${name} is there twice.`);
    once.add(name);
  }
}

const ONCE = new Set([
  'authorization',
  'dpop',
  'host',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'prefer',
  'x-original-method',
  'x-original-uri',
  'x-forwarded-method',
  'x-forwarded-uri',
]);

/** A name that is not ours is somebody's DNS trick (T57) or a wrong proxy. */
function refuseOtherHost(request: IncomingMessage, host: string): void {
  if (request.headers.host !== host) refuse('invalid_request', `This server answers at ${host} only.`);
}
