import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface NeededPort {
  readonly port: number;
  readonly host: string;
  /** What to set to use another. */
  readonly setting: string;
}

export interface Manner {
  /** For a leftover of our own to go. */
  readonly patienceMs: number;
  /** Whether those who listen are whoever asks; else they are users with no rights of their own. */
  readonly asAsked: boolean;
}

/** Throws one sentence for the first port that another program holds, or that its process may not have. */
export async function requireFree(needed: readonly NeededPort[], { patienceMs, asAsked }: Manner): Promise<void> {
  for (const { port, host, setting } of needed) {
    if (!asAsked && port < firstOpenPort()) throw onlyRoots(port);
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
      else reject(error.code === 'EACCES' ? onlyRoots(port) : error);
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** Addresses on five free ports in a row, below the range the kernel hands out by itself, as an operator would set them. */
export async function freeAddresses(): Promise<Record<string, string>> {
  const base = await freePorts(5);
  const at = (step: number) => `http://localhost:${base + step}`;
  return {
    WEB_ORIGIN: at(0),
    SIGN_ORIGIN: at(1),
    GATEWAY_ORIGIN: at(2),
    AGENT_ORIGIN: at(3),
    COUNTERSIGN_PG_PORT: String(base + 4),
  };
}

/** Below it only root listens. */
function firstOpenPort(): number {
  const file = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 1024;
}

const onlyRoots = (port: number): Error =>
  new Error(
    `Port ${port} may only be used by root, and no process runs as root: set another, and put a proxy in front.`,
  );
