import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface NeededPort {
  readonly port: number;
  readonly host: string;
  /** What to set to use another. */
  readonly setting: string;
}

/** Throws one sentence for the first port that another program holds. A leftover of our own gets `patienceMs` to go. */
export async function requireFree(needed: readonly NeededPort[], patienceMs: number): Promise<void> {
  for (const { port, host, setting } of needed) {
    const until = performance.now() + patienceMs;
    while (!(await isFree(port, host))) {
      if (performance.now() > until)
        throw new Error(
          `Port ${port} is taken by another program: stop that one, or set ${setting} to use another port.`,
        );
      await sleep(100);
    }
  }
}

/** The first of so many free ports in a row, below the range that the kernel hands out by itself. */
export async function freePorts(count: number): Promise<number> {
  const first = 20_000 + Math.floor(Math.random() * 12_000);
  const free = await Promise.all(Array.from({ length: count }, (_, step) => isFree(first + step, '127.0.0.1')));
  return free.includes(false) ? freePorts(count) : first;
}

/** Can a server listen there? */
function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else
        reject(
          error.code === 'EACCES'
            ? new Error(`Port ${port} may only be used by root: set another, and put a proxy in front.`)
            : error,
        );
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
