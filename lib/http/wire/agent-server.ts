import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { refuse } from '#lib/core';
import { strictTransport } from './browser-headers';
import { keepConnections } from './keep-alive';
import { failureLimit, type Patience } from './limits';
import { refusal, refuseExpectation, refuseUnread } from './reply';
import { requestIdFrom } from './request-id';

/** What one agents' server does with a call. */
export interface AgentServerOptions {
  /** The only address it answers at. */
  readonly origin: string;
  readonly patience: Patience;
  readonly log: Logger;
  /** Answers a call, or throws what to answer. */
  answer(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void>;
  /** More headers on a refusal of this call. */
  headersOnRefusal?(request: IncomingMessage): Readonly<Record<string, string>>;
}

/**
 * A server for agents and no browser: one host name, no cookie, no HTML, a
 * sandbox; what HTTP can be read in two ways is refused before it is answered.
 */
export function createAgentServer(options: AgentServerOptions): Server {
  const serve = server(options);
  const transport = new Map(Object.entries(strictTransport(options.origin)));
  const http = createServer(LIMITS, (request, response) => {
    // Node is slower for an answer that has headers before it is begun.
    if (transport.size > 0) response.setHeaders(transport);
    options.patience.watch(request);
    serve(request, response).catch((error: unknown) => {
      options.log.error({ err: error }, 'a call could not be answered');
      response.destroy();
    });
  });
  http.on('clientError', refuseUnread);
  http.on('checkExpectation', refuseExpectation);
  return keepConnections(http);
}

/** A request without a host, and a body that does not come, are refused here and not by node. */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  requestTimeout: 0,
  requireHostHeader: false,
};

function server(options: AgentServerOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const onFailure = failureLimit();
  const { host } = new URL(options.origin);
  return async (request, response) => {
    const remote = request.socket.remoteAddress ?? '';
    const id = requestIdFrom(request.headers['traceparent']);
    try {
      refuseOddities(request);
      if (!isHealthPath(request.url ?? '')) refuseOtherHost(request, host);
      await options.answer(request, response, id);
    } catch (error) {
      // Whoever hung up is told nothing.
      if (response.destroyed || response.headersSent) return;
      refusal(response, id, await onFailure(remote, error), options.headersOnRefusal?.(request) ?? {});
      request.resume();
    }
  };
}

/** Who checks whether we live has no reason to know our name. */
const isHealthPath = (path: string): boolean => path === '/livez' || path === '/readyz';

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
