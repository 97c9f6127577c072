import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { DomainError } from '#lib/core';
import { GUARDED, permissionsPolicy } from './browser-headers';
import { problemBody } from './problem';

/** On every answer: to a browser this origin is nothing (DESIGN, "The gateway is a third origin"). */
export const BARE = {
  ...GUARDED,
  'content-security-policy': "sandbox; default-src 'none'",
  'permissions-policy': permissionsPolicy([]),
  'cache-control': 'no-store',
};

/** The same, as node takes headers fastest. */
export const BARE_LIST: readonly string[] = Object.entries(BARE).flat();

export function answer(response: ServerResponse, requestId: string, body: unknown): void {
  response.writeHead(200, { ...BARE, 'content-type': 'application/json', 'x-request-id': requestId });
  response.end(JSON.stringify(body ?? {}));
}

/** A problem (RFC 9457). What is left of a body that was too large is not waited for. */
export function refusal(
  response: ServerResponse,
  requestId: string,
  error: unknown,
  more: Readonly<Record<string, string>> = {},
): void {
  const { status, headers, body } = problemBody(error, requestId);
  response.writeHead(status, {
    ...BARE,
    ...headers,
    ...more,
    ...challengeOf(error),
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(body);
}

/** RFC 9449 §7.1 and §8, where a proof of the caller's key is wanted. */
function challengeOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof DomainError) || error.challenge === undefined) return {};
  const { error: code, nonce } = error.challenge;
  return {
    'www-authenticate': `DPoP realm="countersign", error="${code}", algs="ES256 EdDSA"`,
    'dpop-nonce': nonce,
  };
}

/** What node could not read as a request. Nothing is written into an answer that has begun. */
export function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex & { readonly bytesWritten?: number }): void {
  if (error.code === 'ECONNRESET' || !socket.writable || (socket.bytesWritten ?? 0) > 0) return void socket.destroy();
  const status = UNREAD[error.code ?? ''] ?? 400;
  const headers = Object.entries({ ...BARE, connection: 'close', 'content-length': '0' });
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
}

const UNREAD: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** `Expect` with anything but 100-continue. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(417, { ...BARE, connection: 'close', 'content-length': '0' });
  response.end();
}
