import type { Server } from 'node:http';

/*
 * How a process of ours starts under the starter, and how it ends.
 */

export function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

/** No new calls; those under way are answered, those that only wait are cut. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
  });
}

export const notifyStarter = (event: { readonly event: string }): void =>
  void process.stdout.write(`${JSON.stringify(event)}\n`);

/** A signal, or the starter gone: a clean end, or after three seconds an end. What was under way is found at the next start. */
export function onStopSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const begin = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), 3_000).unref();
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, begin);
}

/** One sentence that says what to do, and nothing that was read on the way. `ports` names the variables that move them. */
export const failToStart =
  (ports: string) =>
  (error: unknown): never => {
    const { code, port } = error as { code?: string; port?: number };
    const words =
      code === 'EADDRINUSE'
        ? `Port ${port} is taken: stop what listens there, or set ${ports}.`
        : String(error instanceof Error ? error.message : error);
    process.stderr.write(`${words}\n`);
    process.exit(1);
  };
