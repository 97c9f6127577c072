import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervised } from '#scripts/supervision';

export interface Probe {
  readonly name: string;
  /** What the process believes its address is; it may sit behind a proxy. */
  readonly origin: string;
  readonly port: number;
  readonly path: string;
  readonly process: Supervised;
}

const PATIENCE_MS = 60_000;
const HOPELESS_DEATHS = 3;

/** Waits until every door answers 200. Throws one sentence when a process keeps dying or never answers. */
export async function becomeReady(probes: readonly Probe[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (const probe of probes) {
    while (!(await isReady(probe))) {
      if (probe.process.deaths() >= HOPELESS_DEATHS || performance.now() > until) {
        throw new Error(`${probe.name} does not start; its log ends with: ${probe.process.lastWords() || 'nothing'}`);
      }
      await sleep(50);
    }
  }
}

export function isReady({ origin, port, path }: Pick<Probe, 'origin' | 'port' | 'path'>): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path, timeout: 5_000, headers: { host: new URL(origin).host } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
