import type { Server } from 'node:http';

/** How long an idle connection is kept, by what a client is told (`Keep-Alive: timeout`) and in truth. */
interface KeepAlive {
  readonly toldMs: number;
  readonly heldMs: number;
}

/** Longer than the proxies that stand before us keep theirs: nginx and load balancers 60 s, Go 90 s. */
const KEEP_ALIVE: KeepAlive = { toldMs: 60_000, heldMs: 95_000 };

/**
 * Keeps idle connections for longer than clients are told. Closed at the moment
 * it told, as node does, a connection ends while a client's next call is on its
 * way, and that client cannot know whether its call was made.
 */
export function keepConnections<S extends Server>(server: S, { toldMs, heldMs }: KeepAlive = KEEP_ALIVE): S {
  server.keepAliveTimeout = toldMs;
  server.on('request', ({ socket }, response) => {
    // Node has set its own time by now, unless the connection ends or has more to answer.
    response.once('finish', () => {
      if (socket.timeout) socket.setTimeout(heldMs);
    });
  });
  return server;
}
