import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/*
 * Only for tests: the network between the warden and a target, which can be cut.
 */

export interface TcpProxy {
  readonly port: number;
  /** Cuts what is open and refuses what comes. */
  cut(): Promise<void>;
  /** Goes on taking bytes and delivers none, on what is open and what comes: a wire that went dark. */
  swallow(): void;
  /** Carries again, for connections that come from now on: what is open stays dark. */
  carry(): void;
  mend(): Promise<void>;
}

export async function tcpProxy(toPort: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const dark = new WeakSet<Socket>();
  let swallowing = false;
  const carry = (near: Socket): void => {
    const far = connect(toPort, '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        open.delete(socket);
      });
    }
    if (swallowing) dark.add(near).add(far);
    near.on('data', (bytes) => dark.has(near) || far.write(bytes));
    far.on('data', (bytes) => dark.has(far) || near.write(bytes));
  };
  let server = await listening(createServer(carry), 0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async cut() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
    swallow() {
      swallowing = true;
      for (const socket of open) dark.add(socket);
    },
    carry() {
      swallowing = false;
    },
    async mend() {
      // What was swallowed is missing: no connection from before goes on.
      for (const socket of open) if (dark.has(socket)) socket.destroy();
      swallowing = false;
      if (server.listening) return;
      server = await listening(createServer(carry), port);
    },
  };
}

const listening = (server: Server, port: number): Promise<Server> =>
  new Promise((resolve) => void server.listen(port, '127.0.0.1', () => resolve(server.unref())));
