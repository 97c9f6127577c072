import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/*
 * Only for tests: the network between the warden and a target, which can be cut.
 */

export interface Road {
  readonly port: number;
  /** Cuts what is open and refuses what comes. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function road(toPort: number): Promise<Road> {
  const open = new Set<Socket>();
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
    near.pipe(far).pipe(near);
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
    async mend() {
      server = await listening(createServer(carry), port);
    },
  };
}

const listening = (server: Server, port: number): Promise<Server> =>
  new Promise((resolve) => void server.listen(port, '127.0.0.1', () => resolve(server.unref())));
