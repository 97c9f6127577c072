import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import type { Readable } from 'node:stream';
import { DomainError } from '#lib/core';
import type { HttpOperation, UpstreamConfig } from '#lib/targets';
import { httpConfig } from '#testing/provider';
import { type Bounds, openUpstream } from '../../gateway/upstream/upstream';

/*
 * Only for tests: both ends of the way out on real sockets. A provider that does
 * as the test says, and a door before it that an agent calls.
 */

export const SECRET = 'canary-4f1d+0b/27&c9"e8a6';

const closers: (() => Promise<unknown> | unknown)[] = [];

/** Ends everything a test opened. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

const listening = async (server: Server | NetServer): Promise<number> => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** A provider that speaks HTTP. */
export async function provider(serve: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    void serve(request, response);
  });
  const port = await listening(server);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}/`, port, seen };
}

/** A provider that answers every packet as the test says, whatever HTTP is. */
export async function rawProvider(serve: (socket: Socket, bytes: string) => void) {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => serve(socket, bytes.toString('latin1')));
  });
  const port = await listening(server);
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}/`, sockets };
}

export const NAME = 'internal-api';
export const GATEWAY = 'http://gateway.test';

/** The way out to a provider, and what leaked. */
export function wayTo(url: string, more: Partial<UpstreamConfig> = {}, bounds?: Bounds) {
  const leaks: string[] = [];
  const upstream = openUpstream({
    config: { ...httpConfig(url), ...more } as UpstreamConfig,
    secret: SECRET,
    gatewayOrigin: GATEWAY,
    onLeak: (origin) => leaks.push(origin),
    ...(bounds === undefined ? {} : { bounds }),
  });
  closers.push(() => upstream.close());
  return { upstream, leaks };
}

export const get = (path: string): HttpOperation => ({ method: 'GET', path });

/** A door that passes every call on, as the gateway does once a call was classified. What was thrown becomes a 599. */
export async function door({ upstream }: ReturnType<typeof wayTo>) {
  const server = createServer((request, response) => {
    const { method = 'GET', url: path = '/', headers } = request;
    const sent = new Map(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const body: Readable | null = method === 'GET' || method === 'HEAD' ? null : request;
    const operation = { method, path } as HttpOperation;
    upstream.stream({ operation, headers: sent }, body, response, ['x-extra', 'yes']).catch((error: unknown) => {
      if (response.destroyed || response.headersSent) return;
      response.writeHead(599).end(error instanceof DomainError ? error.code : String(error));
    });
  });
  const port = await listening(server);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, port };
}

/** Bytes on a socket, and the first that come back. */
export function connectTo(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  closers.push(() => socket.destroy());
  return socket;
}
