import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Fault } from './faults';

/** A PostgreSQL server that fails when it is told to: it stands before the run's own and carries its bytes. */
export interface FaultyServer {
  /** The same database through here. */
  urlOf(url: string): string;
  /** Meets connections that open from now on with this fault. */
  failOpening(fault: Fault): void;
  /** Meets the next bytes on every open connection with this fault, and carries none of them. */
  failSending(fault: Fault): void;
  /** Does this to every open connection at once. */
  failOpen(fault: Fault): void;
  close(): Promise<void>;
}

export async function faultyServer(toPort: number): Promise<FaultyServer> {
  const open = new Set<Socket>();
  let opening: Fault | null = null;
  let sending: Fault | null = null;
  const server = createServer((near) => {
    near.on('error', () => undefined);
    open.add(near);
    near.on('close', () => open.delete(near));
    if (opening !== null) return opening(near);
    const far = connect(toPort, '127.0.0.1').on('error', () => undefined);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.on('data', (bytes) => (sending === null ? far.write(bytes) : sending(near)));
    far.on('data', (bytes) => near.write(bytes));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (url) => Object.assign(new URL(url), { port }).href,
    failOpening: (fault) => {
      opening = fault;
    },
    failSending: (fault) => {
      sending = fault;
    },
    failOpen: (fault) => {
      for (const socket of open) fault(socket);
    },
    close() {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
